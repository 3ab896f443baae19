import type { Network } from '../ssh/remote.ts';

/** How long the jump host may take to prove that it is alive, ms. */
const PATIENCE = 700;

/**
 * Answers whether the way to the cluster was proven alive after `since` (mono ms): a silent target is only to blame when the
 * jump host itself answers. One ping serves everybody who asks at the same time. Without a jump host there is nothing to prove.
 */
export const createPathCheck = (network: Pick<Network, 'ping'>, options: { hops: number; now: () => number }) => {
  let aliveAt = Number.NEGATIVE_INFINITY;
  let under: { since: number; result: Promise<boolean> } | undefined;

  const ask = (): Promise<boolean> => {
    const since = options.now();
    const result = network
      .ping({ signal: AbortSignal.timeout(PATIENCE) })
      .then(() => {
        aliveAt = Math.max(aliveAt, since);
        return true;
      })
      .catch(() => false)
      .finally(() => {
        if (under?.result === result) under = undefined;
      });
    under = { since, result };
    return result;
  };

  return async (since: number): Promise<boolean> => {
    if (options.hops === 0 || aliveAt >= since) return true;
    return under && under.since >= since ? under.result : ask();
  };
};
