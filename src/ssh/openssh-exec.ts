import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Failure } from '../cluster/failure.ts';
import { collector, defaultMaxBytes, maxStderr } from './collector.ts';
import { messageOf, remoteError } from './failures.ts';
import { type ExecResult, RemoteError, type RemoteStream } from './remote.ts';

/** What a session of the OpenSSH transport needs to know of its connection. */
export type SessionContext = {
  hop: string;
  /** Starts the ssh process of a new session. */
  start(command: string): ChildProcessWithoutNullStreams;
  lost(): Failure | undefined;
  /** The error for a signal that fired. */
  abandoned(signal: AbortSignal, asked: number): unknown;
};

/** Complaints of ssh's own about its master, never of the command. */
const complaint =
  /^(mux_client_|Control socket|ControlSocket|Connection closed by UNKNOWN|kex_exchange_identification)/m;
/** ssh's own exit status for trouble; a command may use it too. */
const troubled = 255;
/** stdin's end ends what runs on the node; a command that does not read it is cut off after this. */
const killAfter = 500;

/** Runs a command to its end, the signal or `maxBytes`. A command that a signal killed has code 255: ssh does not tell more. */
export const execIn = (
  context: SessionContext,
  command: string,
  options: { signal: AbortSignal; input?: string; maxBytes?: number; release(): void },
  asked: number,
): Promise<ExecResult> =>
  new Promise((resolve, reject) => {
    const { signal, maxBytes = defaultMaxBytes } = options;
    const child = context.start(command);
    const stdout = collector(maxBytes);
    const stderr = collector(maxStderr);
    const result = (code: number | null, truncated: boolean): ExecResult => ({
      code,
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated,
    });
    const finish = () => signal.removeEventListener('abort', onAbort);
    const onAbort = () => {
      finish();
      child.kill();
      reject(context.abandoned(signal, asked));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      if (stdout.full() || stdout.add(chunk)) return;
      finish();
      resolve(result(null, true));
      child.kill();
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    child.on('error', (error) => {
      finish();
      options.release();
      reject(remoteError('channel', context.hop, messageOf(error)));
    });
    // Its place is free only when its process has gone.
    child.on('close', options.release);
    child.on('close', (code) => {
      finish();
      if (isBroken(context, code, '')) reject(new RemoteError(context.lost() ?? endedEarly(context.hop)));
      else if (isBroken(context, code, stderr.text())) {
        reject(remoteError('channel', context.hop, `the command could not be started (${stderr.text().trim()})`));
      } else resolve(result(code, stderr.full()));
    });
    child.stdin.end(options.input ?? '');
  });

/** Starts a long-lived command. */
export const openIn = (context: SessionContext, command: string): RemoteStream => {
  const child = context.start(command);
  const complaints = collector(2_000);
  let onStderr: ((chunk: Buffer) => void) | undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    complaints.add(chunk);
    onStderr?.(chunk);
  });
  const closed = new Promise<{ code: number | null; failure?: Failure }>((resolve) => {
    child.on('error', (error) =>
      resolve({ code: null, failure: remoteError('channel', context.hop, messageOf(error)).failure }),
    );
    child.on('close', (code) => {
      const broken = isBroken(context, code, complaints.text());
      resolve(broken ? { code: null, failure: context.lost() ?? endedEarly(context.hop) } : { code });
    });
  });
  return {
    write(text) {
      if (child.stdin.writable) child.stdin.write(text);
    },
    onData(listener) {
      child.stdout.on('data', listener);
    },
    onStderr(listener) {
      onStderr = listener;
    },
    closed,
    close() {
      child.stdin.end();
      child.stdout.resume();
      setTimeout(() => child.kill(), killAfter).unref();
    },
  };
};

const isBroken = (context: SessionContext, code: number | null, stderr: string): boolean =>
  code === null || (code === troubled && (context.lost() !== undefined || complaint.test(stderr)));

const endedEarly = (hop: string): Failure =>
  remoteError('lost', hop, 'the session ended without an exit status').failure;
