/** A drill as the screen sees it: run on the fake pair, whose clock stands still, and told again up to any moment. */
import type { DrillFact } from '../../src/cluster/drill.ts';
import type { Event } from '../../src/cluster/events.ts';
import { initialState } from '../../src/cluster/initial.ts';
import { reduce } from '../../src/cluster/reduce.ts';
import type { State } from '../../src/cluster/state.ts';
import { FakePair } from '../drills/support/fake-pair.ts';
import { run } from '../drills/support/running.ts';
import { tutorialTopology } from './scene.ts';

/** A drill that ran. */
export type Drilled = {
  pair: FakePair;
  events: Event[];
  /** The state just after the first fact for which `holds`, or `ms` later. */
  at(holds: (fact: DrillFact, state: State) => boolean, ms?: number): State;
  end: State;
};

/** Runs a drill. */
export const drilled = async (
  name: string,
  options: { prepare?: (pair: FakePair) => void; run?: Parameters<typeof run>[2] } = {},
): Promise<Drilled> => {
  const pair = await new FakePair().healthy();
  options.prepare?.(pair);
  await run(pair, name, options.run);
  const { events } = pair;
  return {
    pair,
    events,
    at: (holds, ms = 0) => {
      let state = initialState(tutorialTopology, events[0]?.at ?? { mono: 0, wall: 0 });
      let until = Number.POSITIVE_INFINITY;
      for (const event of events) {
        if (event.at.mono > until) return state;
        state = reduce(state, event);
        if (until !== Number.POSITIVE_INFINITY || event.kind !== 'drill' || !holds(event.fact, state)) continue;
        if (ms === 0) return state;
        until = event.at.mono + ms;
      }
      if (until === Number.POSITIVE_INFINITY) throw new Error(`drill ${name}: it never came to that`);
      return state;
    },
    end: pair.state,
  };
};

/** The step of this number (from 0) has begun. */
export const begun =
  (index: number) =>
  (fact: DrillFact): boolean =>
    fact.what === 'step' && fact.index === index && fact.at === 'begun';

/** The drill has come to this phase. */
export const inPhase =
  (phase: string) =>
  (fact: DrillFact): boolean =>
    fact.what === 'phase' && fact.phase === phase;
