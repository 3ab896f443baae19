/**
 * Wait before attempt number `attempt` (0 = first retry) in ms: doubling from `first` to `max`, with up to a quarter
 * taken off by `random` (0..1) so that nodes behind one jump host do not knock together. OpenSSH 9.8+ counts unfinished
 * connections per source (PerSourcePenalties: 1 s each, enforced from 15 s on), and all nodes see the jump host's
 * address: doubling keeps the sum below what is enforced.
 */
export const backoffDelay = (attempt: number, random: number, limits: { first: number; max: number }): number => {
  const full = Math.min(limits.max, limits.first * 2 ** Math.min(attempt, 30));
  return Math.round(full * (1 - 0.25 * random));
};
