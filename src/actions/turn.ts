import type { Action } from '../cluster/action.ts';
import type { Remote, RemoteStream } from '../ssh/remote.ts';

/**
 * The turn to take a load balancer out: `held` until `release` (or until the connection ends), `taken` by another action, or
 * `none` where there is no telling (no flock there, no right to look at the folder, no answer): then the look alone guards.
 */
export type Turn = { is: 'held'; release(): void } | { is: 'taken' } | { is: 'none' };

/** Said once the lock is held; nothing that a login shell prints by itself. */
const HELD = 'haconsole-turn-held';

/** Longer than any command of an action may take, seconds: a connection that dies without a word gives the turn back after this. */
const LONGEST = 150;

/**
 * flock(1) on a folder that every system with systemd has and everybody may read: nothing is written, nothing is left behind, and
 * the lock ends with its connection. Without -E, which busybox has not: 1 and not a word is "somebody has it".
 */
export const TURN_COMMAND = `exec flock -n /run/systemd/system /bin/sh -c 'echo ${HELD}; exec timeout ${LONGEST} cat > /dev/null'`;

/** Whether an action can leave a load balancer without its VIPs, so that two of them at once could take both out. */
export const needsTurn = (action: Action): boolean => {
  if (action.kind === 'out-of-service' || action.kind === 'remove-vip') return true;
  return action.kind === 'service' && action.service !== 'web' && ['stop', 'restart'].includes(action.verb);
};

const heldOr = (stream: RemoteStream, ended: Promise<unknown>): Promise<Turn> =>
  new Promise((resolve) => {
    let said = '';
    let wrong = false;
    let given = false;
    const give = (turn: Turn): void => {
      // The time to ask in ends later on in any case: it must not take away what was given.
      if (given) return;
      given = true;
      if (turn.is !== 'held') stream.close();
      resolve(turn);
    };
    stream.onStderr(() => {
      wrong = true;
    });
    stream.onData((chunk) => {
      said = `${said}${chunk.toString('latin1')}`.slice(-4096);
      if (said.includes(HELD)) give({ is: 'held', release: () => stream.close() });
    });
    void stream.closed.then(({ code }) => give({ is: code === 1 && !wrong ? 'taken' : 'none' }));
    void ended.then(() => give({ is: 'none' }));
  });

/** Asks one node for the turn; `timeout` in ms. Never rejects. */
export const takeTurn = async (remote: Remote, { signal, timeout }: { signal: AbortSignal; timeout: number }) => {
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  const ended = new Promise<void>((resolve) => until.addEventListener('abort', () => resolve(), { once: true }));
  try {
    return await heldOr(await remote.open(TURN_COMMAND, { signal: until }), ended);
  } catch {
    return { is: 'none' } satisfies Turn;
  }
};

/** The turn on all of these nodes, asked for one after the other: who has the first has the way to the others. */
export const takeTurns = async (
  remotes: readonly Remote[],
  options: { signal: AbortSignal; timeout: number },
): Promise<{ taken?: string; release(): void }> => {
  const held: Turn[] = [];
  const release = (): void => {
    for (const turn of held) if (turn.is === 'held') turn.release();
  };
  for (const remote of remotes) {
    const turn = await takeTurn(remote, options);
    if (turn.is === 'taken') return { taken: remote.name, release };
    held.push(turn);
  }
  return { release };
};
