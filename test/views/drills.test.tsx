import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Confirmation } from '../../src/cluster/action.ts';
import type { DrillOutcome, DrillPlan } from '../../src/cluster/drill.ts';
import type { State } from '../../src/cluster/state.ts';
import type { DrillPlanned } from '../../src/session/store.ts';
import { FakeDesk, keys, type Mounted, mountConsole } from '../support/console.tsx';
import { begun, type Drilled, drilled, inPhase } from '../support/drilled.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Scene, tutorialTopology } from '../support/scene.ts';

let mounted: Mounted[] = [];
afterEach(() => {
  for (const one of mounted) one.unmount();
  mounted = [];
});

let lb1: Drilled;
beforeAll(async () => {
  lb1 = await drilled('lb1-down');
});

type Opened = Mounted & { clock: ManualClock; desk: FakeDesk };

const open = async (
  state: State = new Scene().healthy().state,
  [columns, rows]: [number, number] = [80, 24],
  options: Parameters<typeof mountConsole>[3] = {},
): Promise<Opened> => {
  const clock = new ManualClock();
  const desk = new FakeDesk();
  const one = await mountConsole(state, columns, rows, { clock, drills: desk, ...options });
  mounted.push(one);
  return Object.assign(one, { clock, desk });
};

const footer = (one: Mounted): string => one.text().at(-1) ?? '';
const page = (one: Mounted): string => one.text().join('\n');
const runs = (one: Opened): unknown[] => one.desk.asked.filter(([what]) => what === 'run');

const plan = (): DrillPlan => {
  const made = lb1.end.drill?.plan;
  if (!made) throw new Error('the drill has no plan');
  return made;
};
const yes: Confirmation = { kind: 'type', word: 'yes' };
const press: Confirmation = { kind: 'press', key: 'y' };

/** The dialog of a drill that asks to be confirmed, and could be read. */
const asking = async (confirmation: Confirmation, size: [number, number] = [80, 24], step = false): Promise<Opened> => {
  const one = await open(undefined, size);
  one.desk.planned = async () => ({ ok: true, plan: plan(), confirmation });
  await one.press('d', ...(step ? [keys.tab] : []), 'b');
  await one.until(/to run it/);
  one.clock.pass(1500);
  await one.settle();
  return one;
};

const confirmed = async (size?: [number, number], step = false): Promise<Opened> => {
  const one = await asking(press, size, step);
  await one.press('y');
  one.clock.pass(250);
  await one.settle();
  return one;
};

describe('the list of drills', () => {
  test('tells each with its letter, its title, and whether anything known speaks against it', async () => {
    const one = await open();
    one.desk.why.gentle = 'a restore timer is armed on lb1 (by ops@seat, 212 s left)';
    await one.press('d');
    expect(page(one)).toMatch(/▸a ● all-normal +All normal/);
    expect(page(one)).toMatch(/k ! gentle +The VIPs/);
    expect(page(one)).toContain('nothing known speaks against it now');
    for (let at = 0; at < 10; at++) await one.press(keys.down);
    expect(page(one)).toMatch(/▸k ! gentle/);
    expect(page(one)).toContain('! not now: a restore timer is armed on lb1 (by ops@seat, 212 s left)');
    expect(one.desk.asked).toEqual([]);
  });

  test('goes from its first to its last row and no further', async () => {
    const one = await open();
    await one.press('d', keys.up, keys.up);
    expect(page(one)).toContain('▸a');
    await one.press(keys.end, keys.down);
    expect(page(one)).toMatch(/▸m ● web-node-hung/);
    await one.press(keys.home);
    expect(page(one)).toContain('▸a');
  });

  test('scrolls in a small terminal, with the selected one in view', async () => {
    const one = await open(undefined, [60, 20]);
    await one.press('d', keys.end);
    expect(page(one)).toMatch(/Drills \d+-13 of 13/);
    expect(page(one)).toContain('▸m');
    await one.press(keys.home);
    expect(page(one)).toMatch(/Drills 1-\d+ of 13/);
    expect(page(one)).toContain('▸a');
  });

  test('only reads a drill: enter and letters run nothing', async () => {
    const one = await open();
    await one.press('d', keys.down, keys.enter);
    expect(one.desk.asked).toEqual([['plan', 'lb1-down']]);
    await one.until('this test planned nothing');
    expect(page(one)).toContain('nothing was touched');
    await one.press(keys.esc);
    expect(page(one)).toContain('▸b');
    await one.press('c');
    expect(one.desk.asked.at(-1)).toEqual(['plan', 'both-down']);
    await one.press(keys.esc, 'z');
    expect(footer(one)).toContain('z: there is no drill on this key');
    await one.press(keys.esc);
    expect(page(one)).not.toContain('Drills');
    expect(runs(one)).toEqual([]);
  });

  test('takes nothing from a paste', async () => {
    const one = await open();
    await one.press('d', keys.paste('b\ryes'), 'bbbb');
    expect(one.desk.asked).toEqual([]);
  });

  test('is closed to a read-only session, a recording, and while a drill runs', async () => {
    const readOnly = await open(undefined, undefined, { readOnly: true });
    await readOnly.press('d');
    expect(footer(readOnly)).toContain('d: read-only: nothing is written to the nodes');
    const file = await open(new Scene({ ...tutorialTopology, readOnly: true }).healthy().state);
    await file.press('d');
    expect(footer(file)).toContain('d: read-only');
    const replay = await mountConsole(new Scene().healthy().state, 80, 24);
    mounted.push(replay);
    await replay.press('d');
    expect(footer(replay)).toContain('d: this is a recording: nothing can be run');
    const busy = await open(lb1.at(begun(1), 100));
    await busy.press('d');
    expect(footer(busy)).toContain('d: the drill lb1-down is under way; esc ends it');
  });
});

describe('the dialog of a drill', () => {
  test('says in words what will happen, how it is taken back, and what was computed', async () => {
    const one = await asking(yes, [160, 60]);
    const text = page(one)
      .replace(/[│╭╰─╯]/g, ' ')
      .replace(/\s+/g, ' ');
    for (const words of [
      'nginx and keepalived of the master are stopped',
      'A clean failover',
      'What is done, all in a row',
      '1 stop keepalived, then nginx on lb1',
      'What must be found',
      'longest gap in the answers of any VIP: 0.61 to 0.81 s',
      'a restore timer is armed on lb1',
      'each node puts itself back after 5:00',
      'systemctl start',
      'The tutorial says',
      'web node 01 and 02 answer in turn',
      'What real keepalived does',
      'There is a gap of about 0.6 s',
      'failover: 0.61 to 0.81 s',
      'type yes to run it',
    ])
      expect(text).toContain(words);
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 60],
  ])('keeps what confirms it in view at %ix%i, and scrolls the rest', async (columns, rows) => {
    const one = await asking(yes, [columns, rows]);
    expect(page(one)).toContain('type yes to run it');
    for (let at = 0; at < 8; at++) await one.press(keys.pageDown);
    expect(page(one)).toMatch(/Computed from[\s\S]*failover: 0\.61 to 0\.81 s/);
    expect(page(one)).toContain('type yes to run it');
  });

  test('of an impossible drill tells every reason', async () => {
    const one = await open();
    one.desk.planned = async () => ({
      ok: false,
      reasons: ['the cluster is no-backup', 'sudo\u001b[31m needs a password'],
    });
    await one.press('d', 'b');
    await one.until('NOT NOW');
    expect(page(one)).toMatch(/· the cluster is no-backup[\s\S]*· sudo\\x1b\[31m needs a password/);
    await one.press('y', keys.enter);
    expect(runs(one)).toEqual([]);
  });

  test('runs the drill by its word, alone', async () => {
    const one = await asking(yes);
    for (const sign of 'yes') {
      one.clock.pass(100);
      await one.press(sign);
    }
    expect(runs(one)).toEqual([]);
    one.clock.pass(250);
    expect(runs(one)).toEqual([['run', 'lb1-down', 'yes', { restoreAfter: 300, step: false }]]);
  });

  test('is never confirmed by enter, held or not, by a held key, or by a paste', async () => {
    for (const confirmation of [press, yes]) {
      const one = await asking(confirmation);
      for (let at = 0; at < 20; at++) {
        one.clock.pass(33);
        await one.press(keys.enter);
      }
      await one.press('\r\r\r\r');
      one.clock.pass(5000);
      await one.press(keys.paste('yes'), keys.paste('y'), 'yes\r');
      one.clock.pass(5000);
      for (let at = 0; at < 60; at++) {
        await one.press('y');
        one.clock.pass(33);
      }
      one.clock.pass(5000);
      expect(runs(one)).toEqual([]);
    }
  });

  test('gives way to the pane once the drill has begun, and calls it off before', async () => {
    const one = await confirmed();
    expect(page(one)).toContain('looking once more before anything is done');
    one.store.show(lb1.at((fact) => fact.what === 'plan'));
    one.clock.pass(250);
    await one.until(/▸8 Drill lb1-down .*steady state/);
    expect(page(one)).not.toContain('looking once more');
    const other = await confirmed();
    await other.press(keys.esc);
    expect(other.desk.asked.at(-1)).toEqual(['end', 'restore']);
  });

  test('tells why the drill was refused at the last moment', async () => {
    const one = await asking(press);
    const ran = Promise.withResolvers<DrillOutcome>();
    one.desk.ran = () => ran.promise;
    await one.press('y');
    one.clock.pass(250);
    ran.resolve({
      status: 'refused',
      verdict: 'unknown',
      restored: true,
      summary: 'refused, nothing was touched: a restore timer is armed on lb1',
      commands: [],
      exit: 2,
    });
    await one.until('a restore timer is armed on lb1');
  });

  test('that was left takes no plan any more', async () => {
    const one = await open();
    const made = Promise.withResolvers<DrillPlanned>();
    one.desk.planned = () => made.promise;
    await one.press('d', 'b');
    expect(page(one)).toContain('looking afresh, asking for rights… 0.0 s');
    await one.press(keys.esc, keys.esc);
    made.resolve({ ok: true, plan: plan(), confirmation: press });
    await one.settle();
    expect(page(one)).not.toContain('to run it');
  });
});

describe('a drill under way', () => {
  test('takes the place of the log at 80x24, and stands beside the panes at 160x45', async () => {
    const small = await open(lb1.at(begun(2), 1500));
    expect(page(small)).not.toContain('7 Events');
    expect(page(small).split('\n').slice(13).join('\n')).toMatchInlineSnapshot(`
      "⟳ watch for 5 s                                                              1 s
      .80  1111111111111111111✗✗✗░22222222
      .90  1111111111111111111✗✗✗░22222222
      .100 1111111111111111111✗✗✗░22222222
      s    0       2       4       6       8       10      12      14      16      18
      ●   2 wait until lb2 holds all VIPs (at most 5.81 s)                       0.0 s
      ● lb2 holds all VIPs within 1.81 s                             seen after 0.65 s
      ○ longest gap in the answers of any VIP: 0.61 to 0.81 s
      ○ each VIP moves once
      ○ web1 and web2 serve, from step 3 on
       esc end the drill  1-8 pane  z zoom  / filter  space freeze  ? help  q quit"
    `);
    const wide = await open(lb1.at(begun(2), 1500), [160, 45]);
    expect(page(wide)).toContain('7 Events');
    expect(wide.text()[3]).toMatch(/╮╭─ ▸8 Drill lb1-down step 3 of 3 ─+ 1 pass, 7 open ─╮$/);
    expect(page(wide)).toMatch(/\.80 +held 1+░+2+/);
    expect(page(wide)).toMatch(/http ─+✗+─+/);
    expect(page(wide)).toMatch(/⟳ +3 watch for 5 s +1 s/);
    expect(page(wide)).toMatch(/● lb2 holds all VIPs within 1\.81 s +seen after 0\.6\d s/);
  });

  test('gives its place to the log while that is focused, in little room', async () => {
    const one = await open(lb1.at(begun(2), 1500));
    expect(page(one)).toContain('▸8 Drill');
    await one.press('7');
    expect(page(one)).toContain('▸7 Events');
    expect(page(one)).not.toContain('8 Drill');
    expect(page(one)).toContain('2 LB1');
    await one.press('2');
    expect(page(one)).toContain(' 8 Drill');
    expect(page(one)).not.toContain('7 Events');
    // Chosen by a key the log stays, whatever comes.
    const watched = await open();
    await watched.press('7');
    watched.store.show(lb1.at(begun(2), 1500));
    await watched.settle();
    expect(page(watched)).toContain('▸7 Events');
  });

  test('is told in the header with its phase and its seconds', async () => {
    const one = await open(lb1.at(begun(2), 1500), [120, 36]);
    expect(one.text()[2]).toMatch(/^ DRILL lb1-down {2}step 3 of 3, 7 s · ◔ restore lb1 4:5\d/);
    const small = await open(lb1.at(begun(2), 1500), [60, 20]);
    expect(small.text()[1]).toMatch(/^ DRILL lb1-down {2}step 3 of 3, 7 s/);
  });

  test('switches the action keys off, and says why', async () => {
    const one = await open(lb1.at(begun(2), 100));
    await one.press('2');
    for (const key of 'sXRLoVT') {
      await one.press(key);
      expect(footer(one)).toContain(`${key}: the drill lb1-down is under way; esc ends it`);
    }
    expect(one.store.asked).toEqual([]);
  });

  test('has the same words in ASCII and without colours', async () => {
    const plain = await open(lb1.end, [160, 45], { ascii: true });
    expect(page(plain)).toMatch(/^[\x20-\x7e\n]*$/);
    expect(page(plain)).toMatch(/held 1+\.+2+1+/);
    expect(page(plain)).toMatch(/http -+!?x+!?-+/);
    const grey = await open(lb1.end, [160, 45], { color: false });
    expect(grey.written()).not.toMatch(/\u001b\[[\d;]*(3[0-7]|9[0-7])m/);
  });

  test.each([
    [60, 20],
    [80, 24],
    [100, 30],
    [120, 24],
    [160, 45],
    [200, 60],
  ])('keeps every frame whole at %ix%i, whatever its texts are', async (columns, rows) => {
    const moments: [State, string[]][] = [
      [lb1.at(begun(1), 50), ['2']],
      [lb1.at(inPhase('restore'), 2000), ['8']],
      [lb1.end, ['8', 'z']],
    ];
    for (const [state, pressed] of moments) {
      const { drill } = state;
      if (!drill?.plan) throw new Error('no drill');
      const wild = '漢字寬 \u001b[31m\u202e👩‍👩‍👧 '.repeat(6);
      const odd: State = {
        ...state,
        drill: {
          ...drill,
          plan: {
            ...drill.plan,
            steps: drill.plan.steps.map((step) => ({ ...step, text: wild })),
            expectations: drill.plan.expectations.map((one) => ({ ...one, text: wild })),
          },
          expectations: drill.expectations.map((one) => ({ ...one, measured: wild })),
          undo: drill.undo.map((one) => ({ ...one, text: wild, state: 'failed', seen: wild })),
        },
      };
      const one = await open(odd, [columns, rows]);
      await one.press(...pressed);
      expect(one.screen.buffer.active.baseY).toBe(0);
      expect(one.text()).toHaveLength(rows);
      const box = one.text().filter((row) => row.includes('│'));
      if (columns >= 100 && rows >= 36) expect(box.every((row) => row.endsWith('│'))).toBe(true);
      expect(page(one)).not.toContain('cannot be drawn');
      expect(footer(one)).toContain('q quit');
      one.unmount();
    }
  });

  test('costs no frame while nothing of it changes', async () => {
    const state = lb1.at(begun(2), 1500);
    const one = await open(state, [160, 45]);
    const before = one.written().length;
    one.store.show({ ...state });
    await one.settle();
    expect(one.written().length).toBe(before);
  });
});

describe('the end of a drill', () => {
  test('stays until it is closed, with the verdict first, and can be shown again', async () => {
    const one = await open(lb1.end);
    expect(page(one)).toMatch(/● PASSED 8 of 8 expectations +restored, all is as it was/);
    await one.press(keys.esc);
    expect(page(one)).toContain('7 Events');
    expect(page(one)).not.toContain('PASSED 8');
    await one.press('D');
    expect(page(one)).toContain('PASSED 8');
    await one.press('D');
    expect(page(one)).not.toContain('PASSED 8');
  });

  test('begins with the first failed expectation', async () => {
    const { drill } = lb1.end;
    if (!drill?.outcome) throw new Error('no outcome');
    const failed: State = {
      ...lb1.end,
      drill: {
        ...drill,
        expectations: drill.expectations.map((one) =>
          one.index === 5 ? { ...one, result: 'fail', measured: 'active, 2 processes' } : one,
        ),
        outcome: {
          ...drill.outcome,
          verdict: 'fail',
          summary: 'failed: nginx on lb1 is inactive or failed at the end',
          exit: 1,
        },
      },
    };
    const one = await open(failed, [160, 45]);
    const rows = one.text().map((row) => row.slice(90));
    const at = rows.findIndex((row) => row.includes('Expected, and found'));
    expect(rows.slice(at + 1, at + 3).join(' ')).toMatch(
      /✗ nginx on lb1 is inactive or failed at the end .*active, 2 processes/,
    );
    expect(page(one)).toMatch(/✗ FAILED/);
  });

  test('that could not be restored is red, with the commands to type', async () => {
    const { drill } = lb1.end;
    if (!drill?.outcome) throw new Error('no outcome');
    const broken: State = {
      ...lb1.end,
      drill: {
        ...drill,
        outcome: {
          ...drill.outcome,
          status: 'failed',
          restored: false,
          summary: 'not restored: keepalived does not come up on lb1',
          commands: [{ node: 'lb1', command: 'sudo -n systemctl start keepalived' }],
          exit: 3,
        },
      },
    };
    for (const size of [
      [60, 20],
      [80, 24],
      [160, 45],
    ] as [number, number][]) {
      const one = await open(broken, size);
      expect(page(one)).toContain('NOT RESTORED');
      expect(page(one)).toMatch(/Type:[\s\S]*on lb1: sudo -n systemctl start keepalived/);
      expect(page(one)).toContain('DRILL lb1-down NOT RESTORED');
      expect(one.written()).toMatch(/\u001b\[1m\u001b\[7m\u001b\[31m ✗ NOT RESTORED/);
    }
  });

  test('that was left as it is says when the nodes heal themselves, and how to be quicker', async () => {
    const { drill } = lb1.at(begun(2), 1000);
    if (!drill) throw new Error('no drill');
    const one = await open({
      ...lb1.at(begun(2), 1000),
      drill: {
        ...drill,
        phase: 'over',
        abort: { by: 'operator', reason: 'a person left it as it is', leave: true, at: drill.from.mono },
        outcome: {
          status: 'interrupted',
          verdict: 'unknown',
          restored: null,
          summary: 'not restored: left as it is',
          commands: [{ node: 'lb1', command: 'systemctl start keepalived' }],
          exit: 3,
        },
      },
    });
    expect(page(one)).toMatch(/NOT DECIDED +! LEFT AS IT IS/);
    expect(page(one)).toMatch(/before the timers do, type:\s+on lb1: systemctl start keepalived/);
    expect(page(one)).toMatch(/restore timers: lb1 4:5\d/);
  });

  test('of a refused drill tells the reasons and nothing else', async () => {
    const { drill } = lb1.at((fact) => fact.what === 'plan');
    if (!drill) throw new Error('no drill');
    const one = await open({
      ...lb1.end,
      drill: {
        ...drill,
        phase: 'over',
        gate: { open: false, reasons: ['no steady state: 3 of 100 requests lost'] },
        outcome: { status: 'refused', verdict: 'unknown', restored: true, summary: '', commands: [], exit: 2 },
      },
    });
    expect(page(one)).toMatch(/REFUSED, nothing was touched[\s\S]*· no steady state: 3 of 100 requests lost/);
    expect(page(one)).not.toContain('each VIP moves once');
  });

  test('of a recording is shown read-only: esc puts it away, nothing can be ended', async () => {
    const replay = await mountConsole(lb1.at(begun(1), 100), 80, 24);
    mounted.push(replay);
    expect(page(replay)).toContain('8 Drill lb1-down');
    await replay.press(keys.esc);
    expect(page(replay)).not.toContain('End the drill');
    expect(page(replay)).toContain('7 Events');
    await replay.press('q');
    expect(replay.asked).toEqual(['quit']);
  });
});

describe('ending a drill', () => {
  test.each([
    ['esc', keys.esc],
    ['ctrl+c', keys.ctrl('c')],
    ['q', 'q'],
  ])('by %s asks first, and says when the timers would heal', async (_, key) => {
    const one = await open(lb1.at(begun(2), 1500));
    await one.press(key);
    expect(one.asked).toEqual([]);
    expect(page(one)).toMatch(/End the drill lb1-down\?/);
    expect(page(one)).toMatch(/r {4}restore now/);
    expect(page(one)).toMatch(/the nodes put themselves back: +│?[\s│]*lb1 in 4:5\d/);
    await one.press(keys.esc);
    expect(page(one)).not.toContain('End the drill');
    expect(one.desk.asked).toEqual([]);
  });

  test('restores at once by r, by a second ctrl+c, and not by enter, other keys or a paste', async () => {
    for (const key of ['r', keys.ctrl('c')]) {
      const one = await open(lb1.at(begun(2), 1500));
      await one.press(keys.esc, keys.enter, 'y', 'x', keys.paste('r'), 'rrrr', 'llll');
      expect(one.desk.asked).toEqual([]);
      expect(page(one)).toContain('End the drill');
      await one.press(key);
      expect(one.desk.asked).toEqual([['end', 'restore']]);
      expect(page(one)).not.toContain('End the drill');
    }
  });

  test('leaves it as it is by l, once the question could be read', async () => {
    const one = await open(lb1.at(begun(2), 1500));
    await one.press(keys.esc, 'l');
    expect(one.desk.asked).toEqual([]);
    one.clock.pass(400);
    await one.press('l');
    expect(one.desk.asked).toEqual([['end', 'leave']]);
  });

  test('is asked whatever the keyboard was for: a filter, a note, the help', async () => {
    for (const pressed of [['/', 'x'], ['n', 'x'], ['?']]) {
      const one = await open(lb1.at(begun(2), 1500));
      await one.press(...pressed, keys.ctrl('c'));
      expect(one.asked).toEqual([]);
      expect(page(one)).toContain('End the drill');
    }
  });

  test('says so when the drill came to its end meanwhile', async () => {
    const one = await open(lb1.at(begun(2), 1500));
    await one.press(keys.esc);
    one.store.show(lb1.end);
    await one.until('PASSED');
    expect(page(one)).not.toContain('End the drill');
    expect(footer(one)).toContain('the drill has come to its end');
    await one.press('r');
    expect(one.desk.asked).toEqual([]);
  });

  test('cannot be left as it is where the question has no room', async () => {
    const one = await open(lb1.at(begun(2), 1500), [58, 18]);
    expect(page(one)).toContain('a drill is under way');
    await one.press(keys.esc);
    one.clock.pass(400);
    await one.press('l');
    expect(one.desk.asked).toEqual([]);
    await one.press('r');
    expect(one.desk.asked).toEqual([['end', 'restore']]);
  });
});

describe('a drill step by step', () => {
  /** The moment before the step of this number: all before it are done. */
  const before = (index: number): State => {
    const state = lb1.at(begun(index));
    const { drill } = state;
    if (!drill) throw new Error('no drill');
    return { ...state, drill: { ...drill, steps: drill.steps.with(index, { state: 'waiting' }) } };
  };
  const later = (state: State, ms: number): State => ({
    ...state,
    now: { mono: state.now.mono + ms, wall: state.now.wall + ms },
  });

  const stepping = async (): Promise<Opened> => {
    const one = await confirmed(undefined, true);
    expect(runs(one)).toEqual([['run', 'lb1-down', 'y', { restoreAfter: 300, step: true }]]);
    one.store.show(later(before(1), 2000));
    one.clock.pass(2000);
    await one.until('press y: step 2 begins');
    return one;
  };

  test('says which step waits, and y, alone, lets it begin', async () => {
    const one = await stepping();
    expect(footer(one)).toContain('y next step');
    await one.press(keys.enter, ' ');
    one.clock.pass(3000);
    await one.press('y');
    expect(footer(one)).toContain('y: the picture is frozen: space goes live');
    await one.press(' ');
    one.clock.pass(3000);
    await one.press('y');
    expect(one.desk.asked.at(-1)).not.toEqual(['next']);
    one.clock.pass(250);
    expect(one.desk.asked.at(-1)).toEqual(['next']);
  });

  test('does not race through its steps by a held key', async () => {
    const one = await stepping();
    for (let at = 0; at < 60; at++) {
      await one.press('y');
      one.clock.pass(33);
    }
    one.clock.pass(5000);
    expect(one.desk.asked.filter(([what]) => what === 'next')).toEqual([]);
    await one.press('y');
    expect(footer(one)).not.toContain('held down');
    one.clock.pass(250);
    expect(one.desk.asked.filter(([what]) => what === 'next')).toHaveLength(1);
  });

  test('ignores the key while a step runs, and where nobody steps', async () => {
    const one = await stepping();
    one.store.show(lb1.at(begun(1)));
    one.clock.pass(3000);
    await one.press('y');
    one.clock.pass(500);
    expect(footer(one)).toContain('y: no step waits: one is under way');
    expect(one.desk.asked.at(-1)).not.toEqual(['next']);
    const alone = await open(lb1.at(begun(1)));
    await alone.press('y');
    expect(footer(alone)).toContain('y: the drill lb1-down goes on by itself');
    const none = await open();
    await none.press('y');
    expect(footer(none)).toContain('y: no drill is under way');
  });
});
