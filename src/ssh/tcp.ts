import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { codeOf, dialStep, isDeadline, messageOf, remoteError } from './failures.ts';
import type { Trace } from './trace.ts';

/**
 * A TCP connection from this machine, TCP_NODELAY set. Rejects with a RemoteError (steps `name`, `tcp`, `timeout`), or with
 * the signal's reason when somebody gave up. `hop` is the name for the message.
 */
export const dialTcp = async (
  hop: string,
  host: string,
  port: number,
  options: { signal: AbortSignal; name: number; tcp: number; trace?: Trace | undefined },
): Promise<Socket> => {
  const { signal, trace } = options;
  signal.throwIfAborted();
  const asked = performance.now();
  const addresses = isIP(host) ? [host] : await resolveName(hop, host, options);
  if (!isIP(host)) trace?.({ host: hop, step: 'name', ms: performance.now() - asked, detail: addresses.join(', ') });
  let last: unknown;
  for (const address of addresses.slice(0, 4)) {
    const dialled = performance.now();
    try {
      const socket = await connectTo(hop, address, port, options);
      trace?.({ host: hop, step: 'tcp', ms: performance.now() - dialled, detail: `${address}:${port}` });
      return socket;
    } catch (error) {
      signal.throwIfAborted();
      last = error;
    }
  }
  throw last;
};

const resolveName = async (
  hop: string,
  host: string,
  options: { signal: AbortSignal; name: number },
): Promise<string[]> => {
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(options.name)]);
  const stopped = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => reject(deadline.reason), { once: true });
  });
  try {
    const found = await Promise.race([lookup(host, { all: true }), stopped]);
    return found.map(({ address }) => address);
  } catch (error) {
    options.signal.throwIfAborted();
    if (deadline.aborted && isDeadline(deadline)) throw remoteError('name', hop, `no answer to the lookup of ${host}`);
    throw remoteError('name', hop, `${host} cannot be resolved (${codeOf(error) || messageOf(error)})`, {
      advice: 'check the name, or give an address',
    });
  }
};

const connectTo = (
  hop: string,
  address: string,
  port: number,
  { signal, tcp }: { signal: AbortSignal; tcp: number },
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true });
    const finish = (error?: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      if (error === undefined) return resolve(socket);
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onAbort = () => finish(signal.reason);
    const timer = setTimeout(
      () => finish(remoteError('tcp', hop, `${address}:${port} did not answer within ${tcp} ms`, { blame: 'target' })),
      tcp,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', () => finish());
    socket.on('error', (error) => {
      const { step, blame, found } = dialStep(`${codeOf(error)} ${error.message}`);
      finish(remoteError(step, hop, `${address}:${port}: ${found}`, { blame }));
    });
  });
