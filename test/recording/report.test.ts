import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Plan } from '../../src/cluster/action.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { type Analysis, analyse } from '../../src/recording/report/analysis.ts';
import { jsonReport } from '../../src/recording/report/json.ts';
import { markdownReport } from '../../src/recording/report/markdown.ts';
import { htmlReport } from '../../src/recording/report/page.ts';
import { verify } from '../../src/recording/verify.ts';
import { type RecordedScene, recordInMemory } from '../support/recorded.ts';
import { noAnswer, VIPS } from '../support/scene.ts';

const plan: Plan = {
  action: { kind: 'service', verb: 'stop', service: 'keepalived', node: 'lb1' },
  commands: ['systemctl stop keepalived'],
  risk: { lines: [], step: 2, takesLast: false, basis: '' },
  confirmation: { kind: 'type', word: 'yes' },
};

const analysed = async (
  play: (scene: RecordedScene) => void,
  window: { from?: number; to?: number } = {},
): Promise<Analysis> => {
  const { source } = await recordInMemory(play);
  const playback = await createPlayback(source);
  const work = analyse(playback, { ...window, verification: verify(source) });
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
};

const act = (scene: RecordedScene) => {
  const common = { kind: 'action', id: 1, action: plan.action, author: 'ops@seat' } as const;
  scene.send({ ...common, phase: { step: 'confirmed', plan } });
  scene.send({ ...common, phase: { step: 'executing', command: 'systemctl stop keepalived' } });
  scene.pass(200);
  scene.send({
    kind: 'command',
    action: 1,
    node: 'lb1',
    command: 'systemctl stop keepalived',
    result: { ok: true, code: 0, ms: 180, stderr: '' },
  });
  scene.send({ ...common, phase: { step: 'done', seen: 'lb2 holds the VIPs', ms: 1200 } });
};

/** One minute well, a failover with three lost requests to each VIP, one minute well. */
const failover = (scene: RecordedScene) => {
  scene.healthy();
  scene.rounds(57);
  act(scene);
  scene.send({ kind: 'journal', node: 'lb1', unit: 'keepalived.service', message: 'Stopping', nodeTime: 0 });
  scene.world.vip = Object.fromEntries(VIPS.map((vip) => [vip, noAnswer()]));
  scene.move('lb1', null, 400);
  scene.rounds(3);
  scene.world.vip = {};
  scene.move('lb1', 'lb2', 0);
  scene.send({ kind: 'note', node: 'lb1', text: 'seen', outcome: { ok: true } });
  scene.send({ kind: 'note', node: 'lb2', text: 'seen', outcome: { ok: true } });
  scene.rounds(60);
};

describe('the analysis of a failover', () => {
  let analysis: Analysis;
  beforeAll(async () => {
    analysis = await analysed(failover);
  });

  test('counts every request and says how long none was answered, within what the probes resolve', () => {
    expect(analysis.vips.map((vip) => vip.address)).toEqual(VIPS);
    for (const vip of analysis.vips) {
      expect(vip).toMatchObject({ requests: 123, good: 120, lost: 3, unknown: 0 });
      expect(vip.outages).toHaveLength(1);
      const [outage] = vip.outages;
      // From the first bad question to the last 2 s; from the last good one to the next good one more than 4.
      expect(outage?.ms).toBeGreaterThan(2000);
      expect((outage?.ms ?? 0) - (outage?.resolution ?? 0)).toBe(2000);
      expect((outage?.ms ?? 0) + (outage?.resolution ?? 0)).toBeGreaterThan(4000);
      expect(outage).toMatchObject({ lost: 3, why: 'Connection refused', cause: 'keepalived on lb1 was stopped' });
      expect(vip.latency).toMatchObject({ median: 3, most: 3 });
    }
  });

  test('tells who held each VIP when, without a moment left out', () => {
    for (const vip of analysis.vips) {
      const known = vip.holds.filter((hold) => hold.holders !== null);
      expect(known.map((hold) => hold.holders)).toEqual([['lb1'], [], ['lb2']]);
      for (const [index, hold] of vip.holds.entries())
        expect(hold.from).toBe(vip.holds[index - 1]?.to ?? analysis.window.from.mono);
      expect(vip.holds.at(-1)?.to).toBe(analysis.window.to.mono);
      expect(vip.moves).toMatchObject([{ from: 'lb1', to: 'lb2', cause: 'keepalived on lb1 was stopped' }]);
    }
  });

  test('tells actions with their outcome, commands with their result, notes once, verdicts in order', () => {
    expect(analysis.actions).toMatchObject([
      { text: 'stop keepalived on lb1', author: 'ops@seat', outcome: 'done', seen: 'lb2 holds the VIPs', ms: 200 },
    ]);
    expect(analysis.commands).toMatchObject([{ node: 'lb1', command: 'systemctl stop keepalived', code: 0, ms: 180 }]);
    expect(analysis.notes).toMatchObject([{ text: 'seen', nodes: ['lb1', 'lb2'], failed: [] }]);
    const codes = analysis.verdicts.map((one) => one.code);
    expect(codes[0]).toBe('blind');
    expect(codes).toContain('failing-over');
    expect(codes.slice(0, 2)).toEqual(['blind', 'healthy']);
    expect(codes.at(-1)).toBe('degraded');
    expect(analysis.seal).toMatchObject({ outcome: 'sealed' });
  });

  test('puts every answer into one slice of the charts', () => {
    for (const vip of analysis.vips) {
      const sum = (key: 'good' | 'lost') => vip.series.reduce((total, bucket) => total + bucket[key], 0);
      expect([sum('good'), sum('lost')]).toEqual([vip.good, vip.lost]);
      expect(vip.series.length).toBeLessThanOrEqual(301);
    }
  });

  test('a window has what is in it and nothing else', async () => {
    const calm = await analysed(failover, { from: 70_000, to: 90_000 });
    expect(calm.vips.every((vip) => vip.lost === 0 && vip.good === 20 && vip.moves.length === 0)).toBe(true);
    expect(calm.vips[0]?.holds).toMatchObject([{ holders: ['lb2'], from: 70_000, to: 90_000 }]);
    expect(calm.actions).toEqual([]);
    expect(calm.verdicts).toHaveLength(1);
    expect(calm.timeline).toEqual([]);
    const hole = await analysed(failover, { from: 60_000, to: 66_000 });
    expect(hole.vips.every((vip) => vip.lost === 3)).toBe(true);
  });

  test('an outage that still lasts says so', async () => {
    const open = await analysed((scene) => {
      scene.healthy();
      scene.rounds(10);
      scene.world.vip = { [VIPS[0] as string]: noAnswer() };
      scene.rounds(5);
    });
    expect(open.vips[0]?.outages).toMatchObject([{ lost: 5 }]);
    expect(open.vips[0]?.outages[0]?.until).toBeUndefined();
    expect(markdownReport(open)).toContain('not over');
  });

  test('what is not known is not counted as lost', async () => {
    const dark = await analysed((scene) => {
      scene.healthy();
      scene.rounds(10);
      scene.world.jump = { step: 'lost', hop: 'bastion', found: 'gone', blame: 'path' };
      scene.rounds(10);
    });
    for (const vip of dark.vips) expect(vip).toMatchObject({ lost: 0, unknown: 10, outages: [] });
    expect(dark.vips[0]?.holds.at(-1)?.holders).toBeNull();
  });
});

/** Text as an attacker on a node would put it into everything that is shown. */
const HOSTILE = `<script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>" onload="x' | **bold** [a](http://evil.example) \`code\` @everyone \u001b]0;title\u0007\u202e\u0000\n# heading`;

const hostile = (scene: RecordedScene) => {
  scene.healthy();
  scene.rounds(5);
  scene.send({ kind: 'journal', node: 'lb1', unit: HOSTILE, message: HOSTILE, nodeTime: 0 });
  scene.send({ kind: 'check-log', node: 'lb1', line: HOSTILE });
  scene.send({ kind: 'note', node: 'lb1', text: HOSTILE, outcome: { ok: true } });
  scene.send({
    kind: 'command',
    action: 1,
    node: 'lb1',
    command: HOSTILE,
    result: { ok: true, code: 1, ms: 1, stderr: HOSTILE },
  });
  scene.send({
    kind: 'action',
    id: 1,
    action: plan.action,
    author: HOSTILE,
    phase: { step: 'done', seen: HOSTILE, ms: 1 },
  });
  scene.world.vip = { [VIPS[0] as string]: noAnswer({ found: HOSTILE }) };
  scene.rounds(4);
};

describe('text of others in the documents', () => {
  let analysis: Analysis;
  beforeAll(async () => {
    analysis = await analysed(hostile);
  });

  test('HTML holds it as text: no element, attribute, address or script of theirs, and nothing is fetched', () => {
    const page = htmlReport(analysis);
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).not.toMatch(/<script|<img|<iframe|<link|<a\s|javascript:|@import|url\(/i);
    const tags = [...page.matchAll(/<([a-zA-Z!/][^\s>]*)([^>]*)>/g)];
    const names = new Set(tags.map((tag) => tag[1]?.replace('/', '').toLowerCase()));
    const known =
      '!doctype html head meta title style body h1 h2 h3 p ul li section div table thead tbody tr th td span code svg g rect line text polygon polyline footer';
    for (const name of names) expect(known.split(' ')).toContain(name);
    for (const [, , attributes] of tags) expect(attributes).not.toMatch(/\son\w+\s*=|src=|href=/i);
    expect(page).toContain("default-src 'none'");
    expect([...page].some((sign) => sign < ' ' && sign !== '\n')).toBe(false);
    expect(page).not.toContain('\u202e');
  });

  test('Markdown holds it as text: no markup, HTML, link or mention, and each table row stays a row', () => {
    const text = markdownReport(analysis);
    const bare = text.replace(/\\./g, '');
    expect(bare).not.toMatch(/<script|<img|\]\(|:\/\/|@everyone|\*\*bold/);
    expect(text).not.toMatch(/^# heading/m);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    const cells = (row: string) => row.replace(/\\./g, '').split('|').length;
    for (const [index, row] of rows.entries())
      if (/^\| ---/.test(row))
        for (let at = index - 1; rows[at] !== undefined && (at < index || !/^\| ---/.test(rows[at + 1] ?? '')); at++)
          expect(cells(rows[at] as string), rows[at]).toBe(cells(row));
    expect([...text].some((sign) => sign < ' ' && sign !== '\n')).toBe(false);
    expect(text).not.toContain('\u202e');
  });

  test('JSON holds it with its control signs made visible', () => {
    const text = JSON.stringify(jsonReport(analysis));
    expect(text).not.toMatch(/\\u001b|\\u0000|\u202e/);
    expect(text).toContain('\\\\x1b');
  });
});

describe('the documents', () => {
  let analysis: Analysis;
  beforeAll(async () => {
    analysis = await analysed(failover);
  });

  test('begin with the numbers and end with the headings that people fill in', () => {
    const text = markdownReport(analysis);
    expect(text).toMatch(
      /^# tutorial: 2026-11-23 12:00:00 UTC to 12:02:\d\d UTC\n\n- 2 min \d s of tutorial; it began healthy/,
    );
    expect(text).toContain('- 9 requests of 369 lost (97.56 % answered well), on 3 VIPs.');
    const order = [
      'Virtual IPs',
      'Outages',
      'Who held what, when',
      'Verdicts',
      'Actions',
      'Commands',
      'Notes',
      'Timeline',
      'The record',
      'Root cause',
      'Contributing factors',
      'Lessons',
      'Action items',
    ];
    const heads = [...text.matchAll(/^## (.*)$/gm)].map((match) => match[1]?.replace(' (UTC)', ''));
    expect(heads).toEqual(order);
    const page = htmlReport(analysis);
    const drawn = 'Who held what, when';
    const sections = [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map((match) => match[1]);
    expect(sections.filter((one) => one !== 'Over time')).toEqual(order.filter((one) => one !== drawn));
    const charts = [...page.matchAll(/aria-label="(.*?)"/g)].map((match) => match[1]);
    expect(charts).toEqual(['who held each VIP', 'good and lost answers', 'latency', 'which web node served']);
  });

  test('tell a record that is not whole, its gaps and its clock', async () => {
    const { source } = await recordInMemory((scene) => {
      scene.healthy();
      scene.wallOffset = 60_000;
      scene.rounds(5);
    });
    const cut = source.read(0, source.size() - 10);
    const torn = { ...source, size: () => cut.length, read: (a: number, b: number) => cut.subarray(a, b) };
    const playback = await createPlayback(torn);
    const work = analyse(playback, { verification: verify(torn) });
    let step = work.next();
    while (!step.done) step = work.next();
    const text = markdownReport(step.value);
    expect(text).toContain('The record is not whole: torn');
    expect(text).toContain('was set by 60.0 s');
  });

  test('the JSON report is what its published schema says', () => {
    const schema = JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'haconsole.report.schema.json'), 'utf8'),
    ) as Parameters<typeof z.fromJSONSchema>[0];
    const check = z.fromJSONSchema(schema);
    const report = JSON.parse(JSON.stringify(jsonReport(analysis))) as Record<string, unknown>;
    expect(check.safeParse(report).error?.issues ?? []).toEqual([]);
    const { vips: _, ...without } = report;
    expect(check.safeParse(without).success).toBe(false);
    expect(check.safeParse({ ...report, more: 1 }).success).toBe(false);
    expect(check.safeParse({ ...report, cluster: 1 }).success).toBe(false);
  });
});
