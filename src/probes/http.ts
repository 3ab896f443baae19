import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { buildConnector, Client } from 'undici';
import type { HttpResult } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';
import type { HttpTarget } from '../config/cluster-config.ts';
import { RemoteError } from '../ssh/remote.ts';
import type { Clock } from './clock.ts';
import { realClock } from './clock.ts';
import { plain } from './plain.ts';

/** Bytes of a body that are read; the rest is left to the closing connection. */
export const BODY_LIMIT = 64 * 1024;

/** How a probe travels, how long it may take, and who can say whether the way there is alive. */
export type HttpProbeOptions = {
  /** `Network.dial` bound to how probes travel. */
  dial: (host: string, port: number, options: { signal: AbortSignal }) => Promise<Duplex>;
  /** Deadline of the whole probe in ms. */
  timeout: number;
  /** Whether the way to the target answered after `since` (mono ms). Silence is only the target's where this says yes. */
  pathAlive: (since: number) => Promise<boolean>;
  /** Name of the target in messages. */
  name: string;
  signal?: AbortSignal;
  clock?: Clock;
};

/** undici costs 60 ms to load: call this while the connections are being made. Bundled, only its default export is there. */
export const loadHttp = async () => (await import('undici')).default;

/**
 * One GET over a connection of its own: a reused one would tell who held the VIP when it was opened, not who holds it now.
 * Redirects are not followed. Never rejects and is done within `timeout`, plus `timeout` for the question who is to blame.
 *
 * Certificates are verified where the target has a name (`host`, or a name as address). For a bare IP address there is no
 * name that a certificate could prove, and the probe asks who answers, so verification is off there.
 */
export const probeHttp = async (target: HttpTarget, options: HttpProbeOptions): Promise<HttpResult> => {
  const { timeout, signal, name } = options;
  const clock = options.clock ?? realClock;
  const asked = clock.now();
  const stop = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    stop.abort(new Error('deadline'));
  }, timeout);
  // Not AbortSignal.any: a session's worth of them would hang on the one signal that lives as long as it.
  const abandon = () => stop.abort(signal?.reason);
  if (signal?.aborted) abandon();
  signal?.addEventListener('abort', abandon, { once: true });
  const progress: Progress = { stage: 'dial' };
  try {
    return await exchange(target, { ...options, signal: stop.signal, clock, asked, progress });
  } catch (error) {
    if (signal?.aborted) return none({ step: 'lost', hop: name, found: 'the probe was abandoned', blame: 'path' });
    const remote = error instanceof RemoteError && !expired ? error.failure : undefined;
    // The jump host found nobody: it may be its own wire that is cut. A refusal is an answer.
    if (remote && (remote.blame === 'path' || remote.step !== 'tcp' || /refused|reset/.test(remote.found)))
      return none(remote);
    const failure = remote ?? (expired ? late(progress, timeout, name) : broken(error, progress, name));
    if (failure.blame === 'target' && !remote) return none(failure);
    const alive = await withinMs(
      timeout,
      options.pathAlive(asked).catch(() => false),
      false,
    );
    return none({ ...failure, blame: alive ? 'target' : 'path' });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abandon);
  }
};

/** How far a probe has come, and what its socket died of. */
export type Progress = { stage: 'dial' | 'headers' | 'body'; status?: number; died?: Error };

type Exchange = HttpProbeOptions & { signal: AbortSignal; clock: Clock; asked: number; progress: Progress };

const exchange = async (
  target: HttpTarget,
  { dial, signal, clock, asked, progress }: Exchange,
): Promise<HttpResult> => {
  const since = () => clock.now() - asked;
  const dialling = dialUntil(signal, dial, target).then((socket) => ({ socket, dialled: since() }));
  const [{ socket, dialled }, undici] = await Promise.all([dialling, loadHttp()]);
  progress.stage = 'headers';
  const host = isIP(target.address) === 6 ? `[${target.address}]` : target.address;
  let client: Client | undefined;
  try {
    client = new undici.Client(`${target.scheme}://${host}:${target.port}`, {
      connect: connector(undici.buildConnector, target, socket, progress),
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
    });
    // Where the socket dies before the request is out, undici would dial again: what it died of is the answer then.
    client.on('disconnect', (_origin, _targets, error) => {
      progress.died = error;
    });
    const response = await client.request({
      path: target.path,
      method: 'GET',
      headers: { 'user-agent': 'haconsole', accept: '*/*', ...(target.host ? { host: target.host } : {}) },
      reset: true,
      signal,
    });
    const headers = since();
    progress.stage = 'body';
    progress.status = response.statusCode;
    const { text, truncated } = await readBody(response.body);
    const server = response.headers.server;
    return {
      kind: 'answer',
      status: response.statusCode,
      body: text,
      ...(server === undefined ? {} : { server: plain(String(server), 100) }),
      truncated,
      phases: { dial: dialled, headers, body: since() },
    };
  } finally {
    client?.destroy().catch(() => {});
    socket.destroy();
  }
};

/** undici hears no signal while its connector is pending, and a dial may be deaf too: the deadline stands around both. */
export const dialUntil = (signal: AbortSignal, dial: HttpProbeOptions['dial'], target: HttpTarget): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    dial(target.address, target.port, { signal }).then(
      (socket) => {
        signal.removeEventListener('abort', stop);
        socket.on('error', () => {});
        if (signal.aborted) socket.destroy();
        else resolve(socket);
      },
      (error) => {
        signal.removeEventListener('abort', stop);
        reject(error);
      },
    );
  });

/** Hands the dialled socket over, once: a second call would be undici dialling again on its own. */
export const connector = (
  build: typeof buildConnector,
  target: HttpTarget,
  socket: Duplex,
  progress: Progress,
): buildConnector.connector => {
  let used = false;
  const sni = target.host ?? (isIP(target.address) ? undefined : target.address);
  return (opts, callback) => {
    if (used) return queueMicrotask(() => callback(progress.died ?? new Error('connection closed'), null));
    used = true;
    // undici asks only for a Duplex; its types say net.Socket.
    const own = socket as Duplex & NonNullable<buildConnector.Options['httpSocket']>;
    // Never called back in the same turn: undici 8 spins for ever then.
    if (target.scheme === 'http') return queueMicrotask(() => callback(null, own));
    const secure = build({ allowH2: false, timeout: 0, rejectUnauthorized: sni !== undefined });
    secure({ ...opts, ...(sni ? { servername: sni } : {}), httpSocket: own }, callback);
  };
};

const readBody = async (body: AsyncIterable<Buffer> & { destroy(): unknown }) => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, BODY_LIMIT - size));
    size += chunk.length;
    if (size > BODY_LIMIT) break; // leaving the loop destroys the body, and the connection with it
  }
  return { text: new TextDecoder().decode(Buffer.concat(chunks)), truncated: size > BODY_LIMIT };
};

const none = (failure: Failure): HttpResult => ({ kind: 'none', failure });

const late = ({ stage, status }: Progress, timeout: number, hop: string): Failure => ({
  step: 'timeout',
  hop,
  found: {
    dial: `no connection within ${timeout} ms`,
    headers: `connected, but no answer within ${timeout} ms`,
    body: `answered ${status}, but the page did not end within ${timeout} ms`,
  }[stage],
  blame: 'path',
});

const broken = (error: unknown, { stage, status }: Progress, hop: string): Failure => {
  const { code = '', message, name } = error as { code?: string; message?: string; name?: string };
  const found = plain(message || code || 'unknown error');
  if (code === 'ECONNREFUSED') return { step: 'tcp', hop, found: 'connection refused', blame: 'target' };
  if (/^(EHOST|ENET|EADDR|ETIMEDOUT)/.test(code)) return { step: 'tcp', hop, found, blame: 'path' };
  if (name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW')
    return { step: 'http', hop, found: `not an HTTP answer: ${found}`, blame: 'target' };
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO/.test(code))
    return { step: 'http', hop, found: `TLS: ${found}`, blame: 'target' };
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE')
    return {
      step: 'http',
      hop,
      found: stage === 'body' ? `answered ${status}, but closed before the page ended` : 'closed before an answer came',
      blame: 'path',
    };
  return { step: 'http', hop, found, blame: 'path' };
};

const withinMs = <T>(ms: number, promise: Promise<T>, otherwise: T): Promise<T> => {
  let timer: NodeJS.Timeout;
  const limit = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, otherwise);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
};
