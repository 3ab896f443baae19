import type { ConsoleClock } from './clock.ts';
import type { Given, Heard } from './confirm.ts';

/** What came from the keyboard and when: it tells a key that stands alone from one that is held, and typing from a paste. */
export type Hearing = {
  /** To be called after each thing that came: the name of its key, or `paste`. */
  heard(sign: string): void;
  /** How long ago things came before this one, which is being weighed. */
  before(given: Given): Heard;
};

/** Makes it, on the console's clock. */
export const createHearing = (clock: ConsoleClock): Hearing => {
  let last = Number.NEGATIVE_INFINITY;
  const lastOf = new Map<string, number>();
  return {
    heard: (sign) => {
      last = clock.now();
      // Names of keys are short; what is longer is no key that could be held.
      if (sign.length <= 16) lastOf.set(sign, last);
    },
    before: (given) => {
      const now = clock.now();
      const since = (at: number | undefined): number => now - (at ?? Number.NEGATIVE_INFINITY);
      return {
        now,
        quiet: since(last),
        sinceSame: given.kind === 'sign' ? since(lastOf.get(given.sign)) : Number.POSITIVE_INFINITY,
        sincePaste: since(lastOf.get('paste')),
      };
    },
  };
};
