import { describe, expect, test } from 'vitest';
import type { Event, Fact } from '../../src/cluster/events.ts';
import { initialState } from '../../src/cluster/initial.ts';
import { reduce } from '../../src/cluster/reduce.ts';
import { admit } from '../../src/recording/admit.ts';
import { same } from '../../src/recording/delta.ts';
import { createFactDecoder, createFactEncoder, factKinds, isUrgent } from '../../src/recording/fact-code.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { recordEvents } from '../support/recorded.ts';
import { tutorialTopology } from '../support/scene.ts';
import { everyFact } from './every-fact.ts';

const kinds = Object.keys(factKinds) as Fact['kind'][];
const start = { mono: 1000, wall: Date.UTC(2026, 10, 23, 12) };
const stamped = (facts: readonly Fact[]): Event[] =>
  facts.map((fact, index) => ({
    ...admit(fact),
    at: { mono: start.mono + 10 * index + 0.25, wall: start.wall + 10 * index },
  }));

describe('every kind of fact', () => {
  test('has examples', () => {
    expect(Object.keys(everyFact).toSorted()).toEqual(kinds.toSorted());
    for (const kind of kinds) expect(everyFact[kind].length, kind).toBeGreaterThan(0);
  });

  test.each(kinds)('%s comes back from a file as it went in, also as a change of the one before', (kind) => {
    const events = stamped([...everyFact[kind], ...everyFact[kind].toReversed()]);
    const [encoder, decoder] = [createFactEncoder(start), createFactDecoder(start)];
    for (const event of events) {
      const line = JSON.parse(encoder.encode(event)) as Parameters<typeof decoder.decode>[0];
      expect(decoder.decode(line)).toStrictEqual(event);
    }
  });

  test('all of them one after the other: the state replayed after each is the one that was live', async () => {
    const events = stamped(kinds.flatMap((kind) => everyFact[kind] as Fact[]));
    const initial = initialState(tutorialTopology, start);
    const { source, state } = await recordEvents(initial, events);
    const playback = await createPlayback(source);
    const replayed = [...playback.walk(playback.from.mono, playback.to().mono)];
    expect(replayed.map(({ event }) => event)).toStrictEqual(events);
    let live = initial;
    for (const [index, event] of events.entries()) {
      live = reduce(live, event);
      expect(same(replayed[index]?.after, live), `${event.kind} ${index}`).toBe(true);
    }
    expect(same(playback.stateAt(playback.to().mono), state)).toBe(true);
  });

  test('is urgent where a person or a drill did something, and nowhere else', () => {
    const urgent = kinds.filter((kind) => (everyFact[kind] as Fact[]).some(isUrgent));
    expect(urgent.toSorted()).toEqual(['action', 'command', 'drill', 'note']);
    expect(everyFact.drill.filter((fact) => !isUrgent(fact)).every(({ fact }) => fact.what === 'samples')).toBe(true);
  });
});
