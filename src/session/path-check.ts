import { quote } from '../ssh/quote.ts';
import type { Network } from '../ssh/remote.ts';

/** How long the jump host may take to prove that it is alive, ms. */
const PATIENCE = 700;
/** How long it may take to tell whether its own wire is plugged in, ms. Where it does not tell, that is not held against the way. */
const WIRE_PATIENCE = 500;

/** Prints 1 for each address whose way out of this host has a carrier, 0 where it has none, nothing where that cannot be told. */
const wireScript = (addresses: readonly string[]): string =>
  [
    `for a in ${addresses.map(quote).join(' ')}; do`,
    'r=$(ip -o route get "$a" 2>/dev/null); set -- ${r#* dev };',
    // Not /sys/class/net: in a container that may be the view of another network namespace.
    'case "$(ip -o link show dev "$1" 2>/dev/null)" in *NO-CARRIER*) echo 0;; *LOWER_UP*) echo 1;; esac; done; :',
  ].join(' ');

/**
 * Answers whether the way to the cluster was proven alive after `since` (mono ms): a silent target is only to blame when the
 * jump host itself answers, and either something behind it was heard or its wire to the cluster is plugged in. One question
 * serves everybody who asks at the same time. Without a jump host there is nothing to prove.
 */
export const createPathCheck = (
  network: Pick<Network, 'ping' | 'remote'>,
  options: {
    /** Names of the jump hosts, nearest first. */
    hops: readonly string[];
    /** What is behind the last of them. */
    addresses: readonly string[];
    now: () => number;
  },
) => {
  const last = options.hops.at(-1);
  let aliveAt = Number.NEGATIVE_INFINITY;
  let heardAt = Number.NEGATIVE_INFINITY;
  let under: { since: number; result: Promise<boolean> } | undefined;

  const isPlugged = async (): Promise<boolean> => {
    if (last === undefined || options.addresses.length === 0) return true;
    try {
      const told = await network
        .remote(last)
        .exec(wireScript(options.addresses), { signal: AbortSignal.timeout(WIRE_PATIENCE), maxBytes: 4096 });
      const carriers = told.stdout.split('\n').filter((line) => line === '0' || line === '1');
      return carriers.length === 0 || carriers.includes('1');
    } catch {
      return true; // a jump host that runs no commands for us
    }
  };

  const ask = (silentSince: number): Promise<boolean> => {
    const since = options.now();
    const plugged = heardAt >= silentSince ? true : isPlugged();
    const result = Promise.all([network.ping({ signal: AbortSignal.timeout(PATIENCE) }), plugged])
      .then(([, isWhole]) => {
        if (isWhole) aliveAt = Math.max(aliveAt, since);
        return isWhole;
      })
      .catch(() => false)
      .finally(() => {
        if (under?.result === result) under = undefined;
      });
    under = { since, result };
    return result;
  };

  return {
    pathAlive: async (since: number): Promise<boolean> => {
      if (last === undefined || aliveAt >= since) return true;
      return under && under.since >= since ? under.result : ask(since);
    },
    /** Something behind the jump host has just answered: its wire need not be asked about. */
    heard: (): void => {
      heardAt = options.now();
    },
  };
};
