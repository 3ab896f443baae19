import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { holdersOf } from '../../src/cluster/holding.ts';
import { probeState } from '../../src/cluster/select.ts';
import type { State } from '../../src/cluster/state.ts';
import { same } from '../../src/recording/delta.ts';
import { factKinds } from '../../src/recording/fact-code.ts';
import { STATE_REVISION } from '../../src/recording/format.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { createEventReader, createSegment, stateOfKey } from '../../src/recording/segment.ts';
import { openSource } from '../../src/recording/source.ts';
import { verify } from '../../src/recording/verify.ts';

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'recordings');
const recordings = readdirSync(folder).filter((name) => /\.hacs\.jsonl(\.gz)?$/.test(name));

/** What a second of a session comes to: what must never change, whatever words and shapes later versions have. */
const gist = (state: State): string =>
  [
    `${state.verdict.level} ${state.verdict.code}`,
    ...state.topology.vips.map((address) => {
      const vip = state.vips[address];
      if (!vip) return `${address} -`;
      const { good, bad, unknown } = vip.probe;
      return `${address} ${holdersOf(state, vip).join('+') || '-'} ${probeState(state, vip.probe)} ${good}/${bad}/${unknown} m${vip.moves}`;
    }),
    ...Object.values(state.nodes).map(
      (node) => `${node.name} ${node.link.phase} ${probeState(state, node.probe)} ${node.probe.good}/${node.probe.bad}`,
    ),
    `outages ${state.outages.map((one) => `${one.lost}${one.until ? '' : '…'}`).join(' ')}`,
    `actions ${state.actions.map((one) => `${one.id}:${one.phase.step}`).join(' ')} commands ${state.commands.length}`,
  ].join(' | ');

describe('committed recordings', () => {
  test('are there', () => {
    expect(recordings.length).toBeGreaterThanOrEqual(2);
  });

  test.each(recordings)('%s is sealed and whole', async (name) => {
    const found = verify(await openSource(join(folder, name)));
    expect(found).toMatchObject({ outcome: 'sealed', lost: 0 });
    expect(found.seal).toMatchSnapshot();
  });

  test.each(recordings)('%s replays to its committed snapshot, second by second', async (name) => {
    const playback = await createPlayback(join(folder, name));
    const { mono } = playback.from;
    const seconds = Math.ceil((playback.to().mono - mono) / 1000);
    const lines = Array.from(
      { length: seconds + 1 },
      (_, second) => `${String(second).padStart(3, '0')} ${gist(playback.stateAt(mono + second * 1000))}`,
    );
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(folder, `${name.replace(/\..*/, '')}.replay.txt`));
  });

  test.each(recordings)(
    'the states in %s are those this version folds, or it says that they are of another',
    async (name) => {
      const source = await openSource(join(folder, name));
      const playback = await createPlayback(source);
      const { keys, to } = playback.index();
      const differ = keys.filter((key, number) => {
        const next = keys[number + 1];
        const base = stateOfKey(source, key, to);
        if (!next || !base) return false;
        const segment = createSegment(base, createEventReader(source, key));
        segment.extend(next.offset);
        return !same(segment.final(), stateOfKey(source, next, to));
      });
      // Folding has changed: raise STATE_REVISION in src/recording/format.ts, so that states of older files are folded anew.
      if (keys.every((key) => key.rev === STATE_REVISION)) expect(differ).toEqual([]);
    },
  );

  test('every kind of fact stands in one of them', async () => {
    const seen = new Set<string>();
    for (const name of recordings) {
      const playback = await createPlayback(join(folder, name));
      for (const { event } of playback.walk(playback.from.mono, playback.to().mono)) seen.add(event.kind);
    }
    const late = ['topology', 'drill'];
    expect(Object.keys(factKinds).filter((kind) => !seen.has(kind) && !late.includes(kind))).toEqual([]);
  });
});
