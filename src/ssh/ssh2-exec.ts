import type { ClientChannel } from 'ssh2';
import type { Failure } from '../cluster/failure.ts';
import { collector, defaultMaxBytes, maxStderr } from './collector.ts';
import { isDeadline, messageOf, remoteError } from './failures.ts';
import { type ExecResult, RemoteError, type RemoteStream } from './remote.ts';

/** What running a command needs to know of its connection. */
export type ExecContext = {
  hop: string;
  /** Opens a session and starts the command; the slot is given back when its channel closes. */
  start(command: string, signal: AbortSignal): Promise<ClientChannel>;
  lost(): Failure | undefined;
  /** Who is to blame for silence since then (mono ms). */
  blame(since: number): Failure['blame'];
};

/** Runs a command to its end, or to the signal, or to `maxBytes` of output (then `truncated`, and the code is unknown). */
export const execOn = async (
  context: ExecContext,
  command: string,
  options: { signal: AbortSignal; input?: string; maxBytes?: number },
): Promise<ExecResult> => {
  const { signal, maxBytes = defaultMaxBytes } = options;
  const asked = performance.now();
  const channel = await context.start(command, signal).catch((error: unknown) => {
    throw signal.aborted ? abandoned(context, signal, asked) : error;
  });
  return await new Promise<ExecResult>((resolve, reject) => {
    const stdout = collector(maxBytes);
    const stderr = collector(maxStderr);
    const finish = (result: ExecResult | Error | unknown, failed: boolean) => {
      signal.removeEventListener('abort', onAbort);
      if (failed) reject(result);
      else resolve(result as ExecResult);
    };
    const result = (code: number | null, more: { signal?: string; truncated: boolean }): ExecResult => ({
      code,
      ...(more.signal ? { signal: more.signal } : {}),
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: more.truncated,
    });
    const onAbort = () => {
      channel.close();
      finish(abandoned(context, signal, asked), true);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    channel.on('data', (chunk: Buffer) => {
      if (stdout.add(chunk)) return;
      channel.close();
      finish(result(null, { truncated: true }), false);
    });
    channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    channel.on('close', (code: number | null | undefined, name?: string) => {
      if (code === undefined) finish(new RemoteError(ended(context)), true);
      else finish(result(code, { ...(name ? { signal: name } : {}), truncated: stderr.full() }), false);
    });
    channel.on('error', (error: Error) => finish(remoteError('channel', context.hop, messageOf(error)), true));
    channel.end(options.input);
  });
};

/** Starts a long-lived command. The signal bounds only the opening. */
export const openOn = async (context: ExecContext, command: string, signal: AbortSignal): Promise<RemoteStream> => {
  const asked = performance.now();
  const channel = await context.start(command, signal).catch((error: unknown) => {
    throw signal.aborted ? abandoned(context, signal, asked) : error;
  });
  let onStderr: ((chunk: Buffer) => void) | undefined;
  channel.stderr.on('data', (chunk: Buffer) => onStderr?.(chunk));
  const closed = new Promise<{ code: number | null; failure?: Failure }>((resolve) => {
    channel.on('close', (code: number | null | undefined) =>
      resolve(code === undefined ? { code: null, failure: ended(context) } : { code }),
    );
    channel.on('error', (error: Error) =>
      resolve({ code: null, failure: remoteError('channel', context.hop, messageOf(error)).failure }),
    );
  });
  return {
    write(text) {
      if (channel.writable) channel.write(text);
    },
    onData(listener) {
      channel.on('data', listener);
    },
    onStderr(listener) {
      onStderr = listener;
    },
    closed,
    close() {
      channel.end();
      channel.close();
      channel.resume();
    },
  };
};

/** The error for a signal that fired: step `timeout` when time was up, else the signal's own reason. */
const abandoned = (context: ExecContext, signal: AbortSignal, asked: number): unknown => {
  if (!isDeadline(signal)) return signal.reason;
  const lost = context.lost();
  if (lost) return new RemoteError(lost);
  const waited = Math.round(performance.now() - asked);
  return remoteError('timeout', context.hop, `no answer within ${waited} ms`, { blame: context.blame(asked) });
};

/** Why a channel closed without an exit status. */
const ended = (context: ExecContext): Failure =>
  context.lost() ?? remoteError('lost', context.hop, 'the session ended without an exit status').failure;
