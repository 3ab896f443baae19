import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebServer } from './apache.ts';
import { STATUS_TEXT } from './web-answer.ts';

/** A real HTTP server on loopback that answers as the modelled one does. */
export type HttpListener = { port: number; close(): Promise<void> };

const pour = (response: ServerResponse, body: string | Buffer): void => {
  while (!response.destroyed && response.write(body));
  if (!response.destroyed) response.once('drain', () => pour(response, body));
};

/** Listens on 127.0.0.1, a free port. Connections are reset when the modelled server's processes go. */
export const listenHttp = async (web: WebServer): Promise<HttpListener> => {
  const server: Server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    const cancel = web.answer(request.url ?? '/', (outcome) => {
      if ('error' in outcome) {
        request.socket.destroy();
        return;
      }
      if (outcome.endless) {
        response.writeHead(outcome.status, STATUS_TEXT[outcome.status], outcome.headers);
        pour(response, outcome.body);
        return;
      }
      response.writeHead(outcome.status, STATUS_TEXT[outcome.status], {
        ...outcome.headers,
        'Content-Length': Buffer.byteLength(outcome.body),
      });
      response.end(request.method === 'HEAD' ? undefined : outcome.body);
    });
    response.on('close', cancel);
    request.resume();
  });
  web.onChange(() => server.closeAllConnections());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
