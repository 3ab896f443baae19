/** The law of the record, held against a session that was live: its state is the fold of its file. */
import type { Event } from '../../src/cluster/events.ts';
import type { State } from '../../src/cluster/state.ts';
import { same } from '../../src/recording/delta.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { openSource } from '../../src/recording/source.ts';
import { verify } from '../../src/recording/verify.ts';
import type { LiveSession } from '../../src/session/live.ts';

/** Keeps every fact of a session from now on, with the state after it. */
export const keepSteps = (session: LiveSession): { event: Event; state: State }[] => {
  const steps: { event: Event; state: State }[] = [];
  session.onEvent((event) => steps.push({ event, state: session.state() }));
  return steps;
};

/** How many facts and seconds were compared, and where file and session differ: nowhere. */
export type LawReport = { outcome: string; facts: number; seconds: number; differences: string[] };

/** Compares a closed file with what was live: after every fact, and at every second of it. */
export const lawReport = async (file: string, steps: readonly { event: Event; state: State }[]): Promise<LawReport> => {
  const differences: string[] = [];
  const source = await openSource(file);
  const { outcome } = verify(source);
  const playback = await createPlayback(source);
  // What came while the session began, before anybody could listen.
  let early = 0;
  let index = 0;
  for (const { event, after } of playback.walk(playback.from.mono, playback.to().mono)) {
    if (index === 0 && event.at.mono < (steps[0]?.event.at.mono ?? 0)) {
      early++;
      continue;
    }
    const live = steps[index++];
    if (!live || !same(event, live.event)) differences.push(`fact ${index} (${event.kind}) is another one`);
    else if (!same(after, live.state)) differences.push(`the state after fact ${index} (${event.kind}) is another one`);
  }
  if (early > 10) differences.push(`${early} facts came before the first one`);
  if (index !== steps.length) differences.push(`${index} facts in the file, ${steps.length} live`);
  const { mono } = playback.from;
  let seconds = 0;
  for (let at = mono; at <= playback.to().mono; at += 1000) {
    const live = steps.findLast(({ event }) => event.at.mono <= at)?.state;
    if (!live) continue;
    seconds++;
    if (!same(playback.stateAt(at), live)) differences.push(`the state at second ${Math.round((at - mono) / 1000)}`);
  }
  playback.close();
  return { outcome, facts: index, seconds, differences };
};
