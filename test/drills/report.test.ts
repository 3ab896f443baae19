import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/cluster/events.ts';
import { reportOf, worstFirst } from '../../src/drills/report.ts';
import { reportJson } from '../../src/drills/report-json.ts';
import { reportJunit, xmlText } from '../../src/drills/report-junit.ts';
import { reportText } from '../../src/drills/report-text.ts';
import { EVIL } from '../support/hostile.ts';
import { FakePair } from './support/fake-pair.ts';
import { Recorded } from './support/record.ts';
import { begin, run } from './support/running.ts';

const report = (events: readonly Event[], id = 1) => {
  const one = reportOf(events, id, 'tutorial');
  if (!one) throw new Error('no report');
  return one;
};

/** XML that a parser takes: tags balanced, no bare sign, no control character. Enough of a parser for what is written here. */
const wellFormed = (xml: string): void => {
  const open: string[] = [];
  const tags = /<(\/?)([a-z]+)((?: [a-z]+="[^"<>&]*(?:&#\d+;[^"<>&]*)*")*)(\/?)>/g;
  const rest = xml.replace(/^<\?xml [^?]*\?>\n/, '').replace(tags, (_, close, name, __, self) => {
    if (close) expect(open.pop()).toBe(name);
    else if (!self) open.push(name);
    return '';
  });
  expect(open).toEqual([]);
  expect(rest.trim()).toBe('');
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
};

describe('the report of a drill that passed', () => {
  const passed = async () => {
    const pair = await new FakePair().healthy();
    const { outcome } = await run(pair, 'lb1-down');
    return { pair, outcome };
  };

  test('is computed from the record alone, also from one that was written and read back', async () => {
    const { pair, outcome } = await passed();
    const read = JSON.parse(JSON.stringify(pair.events)) as Event[];
    expect(reportJson(report(read))).toEqual(reportJson(report(pair.events)));
    expect(report(read).outcome).toEqual(outcome);
    expect(report(read).judgement?.summary).toBe(outcome.summary);
  });

  test('tells people the verdict first, then what was measured beside what was computed', async () => {
    const { pair } = await passed();
    const text = reportText(report(pair.events));
    expect(text.split('\n')[0]).toMatch(/^PASSED drill lb1-down on tutorial, [\d.]+ s, restored$/);
    expect(text).toContain('longest gap in the answers of any VIP: 0.61 to 0.81 s: 0.6');
    expect(text).toContain('failover: 0.61 to 0.81 s: lb1 says goodbye');
    expect(text).toContain('lb1 → lb2, lb2 → lb1');
    expect(text).toMatch(/web nodes: before web1 50 %, web2 50 %/);
    expect(text).toContain('first VIP on another load balancer after 0.6');
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  test('has every figure in JSON, and null where nothing was measured', async () => {
    const { pair } = await passed();
    const json = reportJson(report(pair.events)) as Record<string, never>;
    expect(json).toMatchObject({
      schema: 'haconsole.drill/1',
      cluster: 'tutorial',
      drill: 'lb1-down',
      status: 'completed',
      verdict: 'pass',
      restored: true,
      exit: 0,
      roles: { master: 'lb1', backup: 'lb2' },
      abort: null,
      reasons: [],
      commands: [],
      measurement: {
        period: 50,
        deadline: 1000,
        via: 'jump',
        roundTrip: 1,
        download: null,
        vips: [{ gaps: 1, moves: [{ from: 'lb1', to: 'lb2', unheld: expect.closeTo(612, -1) }, {}] }, {}, {}],
      },
    });
    expect(JSON.stringify(json)).not.toMatch(/undefined|NaN/);
  });

  test('is JUnit with a case for each expectation, one for the steps and one for the restore', async () => {
    const { pair } = await passed();
    const one = report(pair.events);
    const xml = reportJunit([one]);
    wellFormed(xml);
    expect(xml).toContain(
      `<testsuite name="lb1-down" tests="${(one.judgement?.results.length ?? 0) + 2}" failures="0" errors="0" skipped="0"`,
    );
  });
});

describe('the report of a drill that did not', () => {
  test('has the first failed expectation first', () => {
    const events = new Recorded()
      .held()
      .asked()
      .of(
        { kind: 'moves', bounds: { most: 0 }, text: 'no VIP moves' } as never,
        { kind: 'line', node: 'lb1', line: 'restart', text: 'a line' } as never,
        { kind: 'moves', bounds: { least: 1 }, text: 'each VIP moves', basis: 'by the priorities' } as never,
      );
    const one = report(events);
    expect(worstFirst(one.judgement?.results ?? []).map((result) => result.result)).toEqual([
      'fail',
      'unknown',
      'pass',
    ]);
    const lines = reportText(one).split('\n');
    const at = lines.indexOf('Expectations');
    expect(lines.slice(at + 1, at + 5)).toEqual([
      '  FAIL  each VIP moves: 0 moves (not as expected)',
      '        computed: by the priorities',
      '  ?     a line: nothing (could not be told, the check log of lb1 could not be read)',
      '  pass  no VIP moves: 0 moves (as expected)',
    ]);
    const xml = reportJunit([one]);
    wellFormed(xml);
    expect(xml).toMatch(/failures="1" errors="2"/);
  });

  test('of a record that ends before the drill does says so, and claims nothing', () => {
    const events = new Recorded()
      .held()
      .asked()
      .of({ kind: 'moves', bounds: { most: 0 } });
    expect(report(events).outcome).toMatchObject({ restored: null, exit: 3, verdict: 'unknown' });
    for (let length = 0; length < events.length; length += 1) {
      const one = reportOf(events.slice(0, length), 1);
      if (one) expect(reportText(one)).not.toMatch(/undefined|NaN/);
    }
  });

  test('gives the reasons of a refusal, in words, JSON and JUnit', async () => {
    const pair = await new FakePair().healthy(2500);
    await pair.through(begin(pair, 'lb1-down'));
    const one = report(pair.events);
    expect(reportText(one)).toMatch(/^REFUSED drill lb1-down on tutorial: nothing was touched\n {2}- watched for/);
    expect(reportJson(one)).toMatchObject({
      status: 'refused',
      exit: 2,
      reasons: [expect.stringContaining('watched')],
      measurement: null,
    });
    const xml = reportJunit([one]);
    wellFormed(xml);
    expect(xml).toContain('skipped="1"');
  });

  test('prints the commands to type where the restore failed', async () => {
    const pair = await new FakePair().healthy();
    const leave = new AbortController();
    const ran = begin(pair, 'lb1-down', { leave: leave.signal });
    while (pair.daemon('lb1', 'nginx').active === 'active') await pair.pass(100);
    leave.abort();
    await pair.through(ran);
    const text = reportText(report(pair.events));
    expect(text).toContain('  type on lb1:  systemctl start nginx\n  type on lb1:  systemctl start keepalived\n');
    expect(text.split('\n')[0]).toContain('restore unknown');
  });
});

describe('text from outside', () => {
  test.each([EVIL, ']]><x>&amp;"\'', 'a\nb\r\nc', '\ud800\uffff\u0001', '\u001b[2J'])(
    'cannot break out of a report: %j',
    (hostile) => {
      const record = new Recorded().held().asked();
      record.drill(1600, { what: 'step', index: 0, at: 'failed', seen: hostile });
      const one = report(record.of({ kind: 'moves', bounds: { most: 0 }, text: hostile } as never));
      wellFormed(reportJunit([{ ...one, cluster: hostile, drill: hostile }]));
      expect(reportText({ ...one, cluster: hostile })).not.toMatch(
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2066]/,
      );
    },
  );

  test('is escaped as XML, and what XML cannot hold is dropped', () => {
    expect(xmlText('a<b>&"\'c\u0000\u001b[2J\ud800\uffff\n😀')).toBe('a&#60;b&#62;&#38;&#34;&#39;c[2J&#10;😀');
  });
});
