/** systemd's own limit: so many starts of a unit within so many ms (StartLimitBurst, StartLimitIntervalSec). */
const LIMIT = { burst: 5, interval: 10_000 };

/** Counts the starts of one unit. */
export type StartLimit = {
  /** Notes a start; false when there have been too many. */
  allow(): boolean;
  /** `systemctl reset-failed`. */
  reset(): void;
};

/** `now` gives monotonic ms. */
export const createStartLimit = (now: () => number): StartLimit => {
  let begin = 0;
  let count = 0;
  return {
    allow: () => {
      // systemd's rate limit counts from the first start of an interval, not over a sliding one (ratelimit.c).
      if (count === 0 || now() - begin >= LIMIT.interval) {
        begin = now();
        count = 1;
        return true;
      }
      if (count >= LIMIT.burst) return false;
      count += 1;
      return true;
    },
    reset: () => {
      count = 0;
    },
  };
};
