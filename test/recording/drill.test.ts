import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { initialState } from '../../src/cluster/initial.ts';
import { same } from '../../src/recording/delta.ts';
import { junitXml, sessionSuites } from '../../src/recording/export/junit.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { type Analysis, analyse } from '../../src/recording/report/analysis.ts';
import { jsonReport } from '../../src/recording/report/json.ts';
import { markdownReport } from '../../src/recording/report/markdown.ts';
import { htmlReport } from '../../src/recording/report/page.ts';
import { verify } from '../../src/recording/verify.ts';
import { FakePair } from '../drills/support/fake-pair.ts';
import { run } from '../drills/support/running.ts';
import { recordEvents } from '../support/recorded.ts';
import { tutorialTopology } from '../support/scene.ts';

const session = async (play: (pair: FakePair) => Promise<unknown>) => {
  const pair = new FakePair();
  const initial = initialState(tutorialTopology, { mono: pair.clock.now(), wall: pair.clock.wall() });
  await play(pair);
  const { source, state } = await recordEvents(initial, pair.events);
  const playback = await createPlayback(source);
  const work = analyse(playback, { verification: verify(source) });
  let step = work.next();
  while (!step.done) step = work.next();
  return { pair, state, playback, analysis: step.value as Analysis };
};

describe('a recorded drill', () => {
  test('replays to what was shown while it ran, and its report has the verdicts that were given then', async () => {
    const { pair, state, playback, analysis } = await session(async (one) => {
      await one.healthy();
      await run(one, 'lb1-down');
    });
    expect(pair.state.drill?.outcome?.verdict).toBe('pass');
    expect(same(playback.stateAt(1e12), state)).toBe(true);
    expect(same(state.drill, pair.state.drill)).toBe(true);
    const [drill] = analysis.drills;
    expect(drill).toMatchObject({ name: 'lb1-down', author: 'ops@seat', outcome: { verdict: 'pass', restored: true } });
    expect(drill?.expectations.length).toBe(pair.state.drill?.plan?.expectations.length);
    expect(drill?.expectations.every((one) => one.result === 'pass' && one.measured !== '')).toBe(true);
    expect(drill?.steps.every((one) => one.state === 'done' && one.at !== null && one.ms !== null)).toBe(true);
    // Asked twenty times a second the outage is known twenty times as well.
    expect(drill?.period).toBe(50);
    for (const vip of drill?.vips ?? []) {
      const [outage] = vip.outages;
      expect(outage?.resolution).toBeLessThanOrEqual(100);
      expect(outage?.ms).toBeGreaterThan(300);
      expect(vip.lost).toBeGreaterThan(5);
    }
    expect(drill?.vips).toHaveLength(3);

    const text = markdownReport(analysis);
    expect(text).toContain('### lb1-down: passed');
    expect(text).toMatch(/^- Drill lb1-down passed: /m);
    expect(text).toContain('asked every 50 ms');
    expect(htmlReport(analysis)).toContain('<h3>lb1-down: passed</h3>');
    const xml = junitXml(sessionSuites(analysis));
    expect(xml).toContain('<testsuite name="drill lb1-down"');
    expect(xml).toContain('name="all is as it was before"');
    const schema = JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'haconsole.report.schema.json'), 'utf8'),
    ) as Parameters<typeof z.fromJSONSchema>[0];
    const report = JSON.parse(JSON.stringify(jsonReport(analysis))) as { drills: unknown[] };
    expect(z.fromJSONSchema(schema).safeParse(report).error?.issues ?? []).toEqual([]);
    expect(report.drills).toMatchObject([{ name: 'lb1-down', verdict: 'pass', status: 'completed', restored: true }]);
  });

  test('that was refused is told with its reasons, and skipped in JUnit', async () => {
    const { analysis } = await session(async (one) => {
      await one.healthy();
      one.daemon('lb2', 'keepalived').active = 'inactive';
      one.lb('lb2').vrrp = 'off';
      await one.pass(5000);
      await run(one, 'lb1-down');
    });
    const [drill] = analysis.drills;
    expect(drill?.refused.length).toBeGreaterThan(0);
    expect(markdownReport(analysis)).toContain('### lb1-down: refused');
    expect(junitXml(sessionSuites(analysis))).toMatch(/name="the gate is open"[^>]*>\s*<skipped/);
  });
});
