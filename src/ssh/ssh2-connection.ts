import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { Failure } from '../cluster/failure.ts';
import { ChannelDuplex } from './channel-duplex.ts';
import { blameForGoneSilent, blameForSilence, type Connection, type Via } from './connection.ts';
import { dialStep, messageOf, remoteError } from './failures.ts';
import { RemoteError } from './remote.ts';
import { createSlots } from './slots.ts';
import { execOn, openOn } from './ssh2-exec.ts';

const sessionsAtOnce = 4;
/** sshd frees a session's place a moment after its close, a busy one later: how long to wait before each further try, ms. */
const triesAfter = [60, 180, 540];
/** A SYN into a black hole stays open on the jump host for 2 minutes and cannot be called back. */
const pendingDials = 32;

type LoggedIn = {
  hop: string;
  role: 'hop' | 'node';
  client: Client;
  /** Its bytes. */
  sock: Duplex;
  via: Via;
  /** Of its keepalive, ms. */
  interval: number;
};

/** Wraps a client that is logged in. */
export const ssh2Connection = ({ hop, role, client, sock, via, interval }: LoggedIn): Connection => {
  let lost: Failure | undefined;
  let heard = performance.now();
  const slots = createSlots(sessionsAtOnce);
  const dials = new Map<string, ReturnType<typeof createSlots>>();
  const end = Promise.withResolvers<Failure>();

  const lose = (found: string, blame: Failure['blame'] = role === 'hop' ? 'path' : 'target') => {
    if (lost) return;
    lost = via?.lost() ?? remoteError('lost', hop, found, { blame }).failure;
    end.resolve(lost);
    client.end();
    sock.destroy();
  };
  // Several errors before `close` are normal, and `close` may never come: the first word is final.
  client.on('error', (error) =>
    /keepalive/i.test(error.message)
      ? lose('it has gone silent', blameForGoneSilent(role, via, heard, interval))
      : lose(`the connection broke (${error.message})`),
  );
  client.on('close', () => lose('the connection was closed by the other side'));
  sock.on('data', () => {
    heard = performance.now();
  });

  const check = () => {
    if (lost) throw new RemoteError(lost);
  };

  /** One session channel; one that comes after the signal is closed. Its place is held until the server is done with it. */
  const session = (command: string, signal: AbortSignal, release: () => void): Promise<ClientChannel> =>
    new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const refused = (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        release();
        reject(lost ? new RemoteError(lost) : error);
      };
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (error) return refused(error);
        signal.removeEventListener('abort', onAbort);
        channel.on('close', release);
        if (signal.aborted) {
          channel.on('error', () => {});
          channel.resume();
          channel.stderr.resume();
          channel.close();
        } else resolve(channel);
      };
      try {
        client.exec(command, opened);
      } catch (error) {
        refused(error);
      }
    });

  const start = async (command: string, signal: AbortSignal): Promise<ClientChannel> => {
    for (let attempt = 0; ; attempt++) {
      check();
      const release = await slots.take(signal);
      try {
        return await session(command, signal, release);
      } catch (error) {
        if (error instanceof RemoteError || signal.aborted) throw error;
        const isFull = /channel open failure/i.test(messageOf(error));
        if (!isFull) throw remoteError('channel', hop, `the command could not be started (${messageOf(error)})`);
        const wait = triesAfter[attempt];
        if (wait === undefined)
          throw remoteError('channel', hop, 'the SSH server opens no more sessions on this connection', {
            advice: `MaxSessions in ${hop}'s sshd_config`,
          });
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  };

  const context = {
    hop,
    start,
    lost: () => lost,
    blame: (since: number) => blameForSilence(via, since),
  };

  const dial = async (host: string, port: number, signal: AbortSignal, name = host): Promise<Duplex> => {
    check();
    const target = `${host}:${port}`;
    const places = dials.get(target) ?? createSlots(pendingDials);
    dials.set(target, places);
    const release = await places.take(signal);
    if (lost || signal.aborted) release();
    check();
    signal.throwIfAborted();
    return await new Promise<Duplex>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
        release();
        signal.removeEventListener('abort', onAbort);
        if (error) {
          if (lost) return reject(new RemoteError(lost));
          const { step, blame, found } = dialStep(error.message, (error as { reason?: unknown }).reason);
          // What the server itself forbids or cannot do is about the server, what it met is about the destination.
          const where = step === 'permission' || step === 'channel' ? hop : name;
          return reject(
            remoteError(step, where, `${target} from ${hop}: ${found}`, { blame, ...adviceFor(step, hop) }),
          );
        }
        const duplex = new ChannelDuplex(channel);
        if (!signal.aborted) return resolve(duplex);
        duplex.on('error', () => {});
        duplex.destroy();
      });
    });
  };

  return {
    transport: 'ssh2',
    async exec(command, options) {
      check();
      return await withPathProof(via, () => execOn(context, command, options));
    },
    async open(command, { signal }) {
      check();
      return await withPathProof(via, () => openOn(context, command, signal));
    },
    dial,
    ping: (signal) => pingClient(client, signal, check),
    heard: () => heard,
    lost: () => lost,
    closed: end.promise,
    close: () => lose('closed'),
  };
};

const adviceFor = (step: string, hop: string): { advice?: string } =>
  step === 'permission' ? { advice: `AllowTcpForwarding and PermitOpen in ${hop}'s sshd_config` } : {};

/** After this much waiting the hop is asked whether it lives, so that a deadline can say who is to blame. */
const proofAfter = 250;

/** Runs something on the other side of `via`; while it takes long, the way there is made to prove itself. */
const withPathProof = async <T>(via: Via, run: () => Promise<T>): Promise<T> => {
  if (via === null) return await run();
  const timer = setTimeout(() => {
    via.ping(AbortSignal.timeout(2_000)).catch(() => {});
  }, proofAfter);
  try {
    return await run();
  } finally {
    clearTimeout(timer);
  }
};

/** Cancelling a forward that was never asked for: the one global request of ssh2's public API that every server answers (with "no"). */
const pingClient = (client: Client, signal: AbortSignal, check: () => void): Promise<number> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    check();
    const asked = performance.now();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    client.unforwardIn('127.0.0.1', 1, () => {
      signal.removeEventListener('abort', onAbort);
      try {
        check();
        resolve(performance.now() - asked);
      } catch (error) {
        reject(error);
      }
    });
  });
