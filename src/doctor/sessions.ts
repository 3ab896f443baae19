import { visibleText } from '../cluster/visible-text.ts';
import type { Remote, RemoteStream } from '../ssh/remote.ts';
import { bad, type Line, ok, unknown } from './report.ts';

/** Sessions that the console opens at once on one connection: its shell, and commands beside it. */
const WANTED = 4;
/** How long they may take, ms. */
const PATIENCE = 3000;
/** The system's ssh tells only afterwards that it was refused; so long a stream must live, ms. */
const PROOF = 250;

const isRefusal = (error: unknown): boolean =>
  /open failed|refused|could not be started|no more sessions/i.test(String(error));

/**
 * How many sessions the SSH server opens on one connection (MaxSessions of sshd_config), up to what the console wants; `held` of
 * them are open already. Opens commands that wait for their stdin, and ends them. Never rejects.
 */
export const sessionsLine = async (remote: Remote, held: number, outer: AbortSignal): Promise<Line> => {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(PATIENCE)]);
  const streams: RemoteStream[] = [];
  const began = performance.now();
  let other: unknown;
  const stays = async (): Promise<boolean> => {
    try {
      const stream = await remote.open('exec cat', { signal });
      streams.push(stream);
      stream.onData(() => {});
      const lived = new Promise<boolean>((resolve) => setTimeout(resolve, PROOF, true));
      return await Promise.race([stream.closed.then(() => false), lived]);
    } catch (error) {
      if (!isRefusal(error)) other = error;
      return false;
    }
  };
  const more = await Promise.all(Array.from({ length: WANTED - held }, stays));
  for (const stream of streams) stream.close();
  const opened = held + more.filter(Boolean).length;
  const ms = performance.now() - began;
  if (other !== undefined)
    return unknown('sessions', `not tried to the end: ${visibleText(String(other), 160)}`, undefined, ms);
  if (opened >= WANTED) return ok('sessions', `${WANTED} at once on one connection`, ms);
  return bad(
    'sessions',
    `only ${opened} at once on one connection, and the console uses up to ${WANTED}: keys, notes and drills may be refused`,
    'MaxSessions in sshd_config of this node: 10 is the default',
    ms,
  );
};
