import type { Failure, Step } from '../cluster/failure.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { RemoteError } from './remote.ts';

/** A RemoteError from its parts; `found` and `advice` may hold foreign text and are made visible. Blame defaults to the path. */
export const remoteError = (
  step: Step,
  hop: string,
  found: string,
  more: { advice?: string | undefined; blame?: Failure['blame'] } = {},
): RemoteError =>
  new RemoteError({
    step,
    hop,
    found: visibleText(found, 400),
    ...(more.advice ? { advice: visibleText(more.advice, 600) } : {}),
    blame: more.blame ?? 'path',
  });

/** The Failure in any error: its own, or step `channel` with the error's text. */
export const failureOf = (error: unknown, hop: string): Failure =>
  error instanceof RemoteError ? error.failure : remoteError('channel', hop, messageOf(error)).failure;

/** The text of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` of a system error (`ECONNREFUSED`), or an empty text. */
export const codeOf = (error: unknown): string => {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
};

/** True when the signal fired because time was up, and not because somebody gave up. */
export const isDeadline = (signal: AbortSignal): boolean =>
  signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';

/** Failures that no second try will heal and that would only cost a lock-out: a person has to act first. */
export const needsPerson = (failure: Failure): boolean =>
  failure.step === 'auth' || failure.step === 'host-key' || failure.step === 'config' || failure.step === 'permission';

/** Reason codes of a refused channel (RFC 4254, 5.1). */
const prohibited = 1;
const connectFailed = 2;

/** What a failed TCP connection says: from the text of sshd, of the kernel, or of `ssh`, and sshd's reason code. */
export const dialStep = (text: string, reason?: unknown): { step: Step; blame: Failure['blame']; found: string } => {
  const target = (step: Step, found: string) => ({ step, blame: 'target' as const, found });
  if (/refused/i.test(text)) return target('tcp', 'connection refused');
  if (/no route to host|EHOSTUNREACH|host is (down|unreachable)|EHOSTDOWN/i.test(text))
    return target('tcp', 'no route to host');
  if (/timed out|ETIMEDOUT/i.test(text)) return target('tcp', 'no answer to the connection attempt');
  if (/reset|ECONNRESET/i.test(text)) return target('tcp', 'connection reset');
  if (/network is unreachable|ENETUNREACH/i.test(text))
    return { step: 'tcp', blame: 'path', found: 'network is unreachable' };
  if (/name resolution|not known|ENOTFOUND|EAI_|resolve hostname|no address associated/i.test(text)) {
    return { step: 'name', blame: 'path', found: 'the name cannot be resolved' };
  }
  if (reason === prohibited || /prohibited|forwarding.*(disabled|refused)/i.test(text)) {
    return { step: 'permission', blame: 'path', found: 'the SSH server does not allow TCP forwarding' };
  }
  if (reason === connectFailed) return target('tcp', 'the connection could not be made');
  return { step: 'channel', blame: 'path', found: visibleText(text.replace('(SSH) Channel open failure: ', ''), 200) };
};
