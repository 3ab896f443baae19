import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { messageOf } from './failures.ts';
import { ProcessDuplex } from './process-duplex.ts';
import type { RemoteError } from './remote.ts';

type Dialling = {
  /** `ssh -W` through the master. */
  child: ChildProcessWithoutNullStreams;
  /** Says why a channel was refused, on stderr, without saying which. */
  master: ChildProcess;
  signal: AbortSignal;
};

/** What ssh says, at LogLevel DEBUG2, when the master has the far connection (mux.c, mux_client_request_stdio_fwd). */
const confirmed = /master session id: \d+/;
/** The master's word may come a moment after the client has gone. */
const reasonWithin = 100;

/**
 * Waits until `ssh -W` has its far connection. Rejects with `failure(why)` when it is refused, or with the signal's reason.
 */
export const dialThrough = (
  { child, master, signal }: Dialling,
  failure: (reason: string) => RemoteError,
): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const reason = refusalReason(master);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-4_000);
      if (!confirmed.test(stderr)) return;
      finish();
      resolve(duplex);
    });
    const duplex = new ProcessDuplex(child);
    duplex.on('error', () => {});
    const finish = () => {
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      finish();
      duplex.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    child.on('error', (error) => {
      finish();
      reject(failure(messageOf(error)));
    });
    child.on('exit', (code) => {
      finish();
      if (code === 0 || signal.aborted || duplex.destroyed) return reason.cancel();
      void reason.wait().then((why) => {
        const error = failure(why ?? stderr);
        reject(error);
        duplex.destroy(error);
      });
    });
  });

const refusalReason = (master: ChildProcess) => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const listen = (chunk: Buffer) => {
    const why = /open failed: (.*)/.exec(chunk.toString('utf8'))?.[1];
    if (why !== undefined) finish(why);
  };
  const finish = (why: string | undefined) => {
    master.stderr?.off('data', listen);
    resolve(why);
  };
  master.stderr?.on('data', listen);
  return {
    cancel: () => finish(undefined),
    wait: () => {
      setTimeout(() => finish(undefined), reasonWithin).unref();
      return promise;
    },
  };
};
