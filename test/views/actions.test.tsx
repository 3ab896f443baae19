import { afterEach, describe, expect, test } from 'vitest';
import type { Action, ActionPhase, Confirmation, Plan, RestoreTimer } from '../../src/cluster/action.ts';
import type { Performed, Planned } from '../../src/session/store.ts';
import { keys, type Mounted, mountConsole } from '../support/console.tsx';
import { ManualClock } from '../support/manual-clock.ts';
import { Scene, tutorialTopology, VIPS } from '../support/scene.ts';

let mounted: Mounted[] = [];
afterEach(() => {
  for (const one of mounted) one.unmount();
  mounted = [];
});

type Opened = Mounted & { clock: ManualClock; scene: Scene; type: (word: string) => Promise<void> };

const open = async (
  scene: Scene = new Scene().healthy(),
  columns = 80,
  rows = 24,
  options: Parameters<typeof mountConsole>[3] = {},
): Promise<Opened> => {
  const clock = new ManualClock();
  const one = await mountConsole(scene.state, columns, rows, { clock, ...options });
  mounted.push(one);
  const type = async (word: string): Promise<void> => {
    for (const sign of word) {
      clock.pass(100);
      await one.press(sign);
    }
  };
  return Object.assign(one, { clock, scene, type });
};

const footer = (one: Mounted): string => one.text().at(-1) ?? '';
const page = (one: Mounted): string => one.text().join('\n');

const stopKeepalived: Action = { kind: 'service', verb: 'stop', service: 'keepalived', node: 'lb1' };
const yes: Confirmation = { kind: 'type', word: 'yes' };

const planOf = (action: Action, confirmation: Confirmation, more: Partial<Plan> = {}): Plan => ({
  action,
  commands: ['sudo -n systemctl stop keepalived'],
  risk: {
    lines: [
      { severity: 'bad', text: 'nobody would be ready to take over' },
      { severity: 'warn', text: '172.16.249.80 .90 .100 move to lb2 in about 0.6 s' },
      { severity: 'info', text: 'it stays stopped until somebody starts it' },
    ],
    step: 2,
    takesLast: false,
    basis: 'now',
  },
  confirmation,
  ...more,
});

/** A console whose dialog for `stop keepalived on lb1` asks to be confirmed, and could be read. */
const asking = async (confirmation: Confirmation, size: [number, number] = [80, 24], more: Partial<Plan> = {}) => {
  const one = await open(undefined, ...size);
  one.store.planned = async (action) => ({ ok: true, plan: planOf(action, confirmation, more) });
  await one.press('2', 'X', 'k');
  await one.until('stop keepalived on lb1');
  one.clock.pass(1500);
  await one.settle();
  return one;
};

const performed = (one: Mounted): unknown[] => one.store.asked.filter(([what]) => what === 'perform');

/** A promise that the test keeps. */
const waiting = <T,>() => Promise.withResolvers<T>();

describe('the keys of actions', () => {
  test('ask for a node first', async () => {
    const one = await open();
    for (const key of 'sXRLoVT') {
      await one.press(key);
      expect(footer(one)).toContain(`${key}: focus a node first (2-5)`);
    }
    expect(one.store.asked).toEqual([]);
  });

  test('stand in the footer of a node pane, those that make sense now, and not elsewhere', async () => {
    const one = await open();
    expect(footer(one)).not.toContain('X stop');
    await one.press('2');
    expect(footer(one)).toBe(' X stop  R restart  L reload  o take out  1-7 pane  z zoom  ? help  q quit');
    await one.press('7');
    expect(footer(one)).toContain('/ filter');
  });

  test('say why they make no sense now', async () => {
    const one = await open();
    await one.press('2', 's');
    expect(footer(one)).toContain('s: nginx runs on lb1 already');
    await one.press('V');
    expect(footer(one)).toMatch(/V: .*(is its own|is not on lb1)/);
    await one.press('4', 'o');
    expect(footer(one)).toContain('o: web1 is a web node');
    expect(one.store.asked).toEqual([]);
  });

  test('open a chooser on a load balancer, which says why a service is no choice', async () => {
    const scene = new Scene();
    scene.world.units.lb1 = { keepalived: { active: 'inactive' } };
    const one = await open(scene.healthy());
    await one.press('2', 'X');
    expect(page(one)).toMatch(/stop on lb1/);
    expect(page(one)).toMatch(/│ n {2}nginx +│/);
    expect(page(one)).toMatch(/│ k {2}keepalived +not now: keepalived does not run on lb1 already +│/);
    await one.press('k');
    expect(footer(one)).toContain('k: keepalived does not run on lb1 already');
    await one.press('b');
    expect(footer(one)).toContain('b: there is nothing on this key');
    expect(one.store.asked).toEqual([]);
    await one.press('n');
    expect(one.store.asked).toEqual([['plan', { kind: 'service', verb: 'stop', service: 'nginx', node: 'lb1' }, {}]]);
  });

  test('leave the chooser by esc, and nothing is asked', async () => {
    const one = await open();
    await one.press('2', 'R', keys.esc, 'k');
    expect(page(one)).not.toContain('restart on lb1');
    expect(one.store.asked).toEqual([]);
  });

  test('mean the one service of a web node without asking', async () => {
    const one = await open();
    await one.press('4', 'R');
    expect(one.store.asked).toEqual([['plan', { kind: 'service', verb: 'restart', service: 'web', node: 'web1' }, {}]]);
  });

  test('take out of service, put back, or ask which of the two', async () => {
    const out = await open();
    await out.press('2', 'o');
    expect(out.store.asked).toEqual([['plan', { kind: 'out-of-service', node: 'lb1' }, {}]]);
    const half = new Scene();
    half.world.units.lb1 = { keepalived: { active: 'inactive' } };
    const both = await open(half.healthy());
    await both.press('2', 'o', 'b');
    expect(both.store.asked).toEqual([['plan', { kind: 'back-in-service', node: 'lb1' }, {}]]);
    const stopped = new Scene();
    stopped.world.units.lb1 = { keepalived: { active: 'inactive' }, nginx: { active: 'inactive' } };
    const back = await open(stopped.healthy());
    await back.press('2', 'o');
    expect(back.store.asked).toEqual([['plan', { kind: 'back-in-service', node: 'lb1' }, {}]]);
  });

  test('remove one of several stale VIPs by its number', async () => {
    const scene = new Scene();
    scene.world.units.lb1 = { keepalived: { active: 'inactive' } };
    const one = await open(scene.healthy());
    await one.press('2', 'V');
    expect(page(one)).toMatch(/1 {2}172\.16\.249\.80[\s\S]*3 {2}172\.16\.249\.100/);
    await one.press('2');
    expect(one.store.asked).toEqual([['plan', { kind: 'remove-vip', vip: VIPS[1], node: 'lb1' }, {}]]);
  });

  test('are all off in a read-only session', async () => {
    const one = await open(undefined, 80, 24, { readOnly: true });
    for (const pane of '24')
      for (const key of 'sXRLoVTn') {
        await one.press(pane, key, 'k', 'y');
        await one.press(key);
        expect(footer(one)).toContain(`${key}: read-only: nothing is written to the nodes`);
      }
    expect(one.store.asked).toEqual([]);
    const file = await open(new Scene({ ...tutorialTopology, readOnly: true }).healthy());
    await file.press('2', 'X');
    expect(footer(file)).toContain('X: read-only');
  });
});

describe('the plan', () => {
  test('is awaited with seconds, and leaving drops it', async () => {
    const one = await open();
    const plan = waiting<Planned>();
    one.store.planned = () => plan.promise;
    await one.press('2', 'X', 'k');
    expect(page(one)).toContain('○ looking afresh… 0.0 s');
    one.clock.pass(1300);
    await one.until(/looking afresh… 1\.[23] s/);
    await one.press('y', keys.enter, keys.esc);
    expect(page(one)).not.toContain('looking afresh');
    plan.resolve({ ok: true, plan: planOf(stopKeepalived, { kind: 'press', key: 'y' }) });
    await one.settle();
    expect(page(one)).not.toContain('stop keepalived on lb1');
  });

  test('that is refused says why, as text', async () => {
    const one = await open();
    one.store.planned = async () => ({
      ok: false,
      failure: {
        step: 'permission',
        hop: 'lb1',
        found: 'sudo needs a password',
        advice: 'ops ALL=(root) NOPASSWD: /usr/bin/systemctl stop keepalived',
        blame: 'target',
      },
    });
    await one.press('2', 'X', 'k');
    await one.until('REFUSED');
    expect(page(one)).toContain('permission on lb1: sudo needs a password (ops ALL=(root)');
    expect(page(one)).toContain('nothing was run; esc leaves');
    await one.press('y', keys.enter);
    expect(performed(one)).toEqual([]);
  });

  test('shows the risk with sign and word, the exact command and what confirms it', async () => {
    const one = await asking(yes);
    expect(page(one).split('\n').slice(4, 20).join('\n')).toMatchInlineSnapshot(`
      "   172.16.249.80   lb1     3s       ● web2 200 <50 ms   not moved
         172.16.249.90   lb1     3s       ● web1 200 <50 ms   not moved
        ╭─ ▸ stop keepalived on lb1 ───────────────────────────────────────────────╮
      ─ │ ✗ DANGER nobody would be ready to take over                              │ ─
      VR│ ! risk   172.16.249.80 .90 .100 move to lb2 in about 0.6 s               │
      VI│ · note   it stays stopped until somebody starts it                       │
      ng│                                                                          │
      ke│ $ sudo -n systemctl stop keepalived                                      │
      ch│                                                                          │
      ─ │ restore after  [none]  1  5  15  60 min  (tab)                           │──
      ap│ type yes to do it; esc leaves                                            │
      an│ > ▏                                                                      │
      sh╰──────────────────────────────────────────────────────────────────────────╯
      ─ 7 Events ─────────────────────────────────────────────────────────────────────
      12:00:00 lb1     · connected
      12:00:00 lb2     · connected"
    `);
  });

  test('has the same words without colour and pure ASCII where the locale wants that', async () => {
    for (const options of [{ color: false }, { ascii: true }]) {
      const one = await open(undefined, 80, 24, options);
      one.store.planned = async (action) => ({ ok: true, plan: planOf(action, yes) });
      await one.press('2', 'X', 'k');
      await one.until('DANGER');
      expect(page(one)).toMatch(/risk +172[\s\S]*note +it stays/);
      if (options.ascii) expect(page(one)).toMatch(/^[\x20-\x7e\n]*$/);
      else expect(one.written()).not.toMatch(/\u001b\[[\d;]*(3[0-7]|9[0-7])m/);
    }
  });

  test('is made anew with the restore time that tab chooses', async () => {
    const one = await asking(yes);
    expect(page(one)).toContain('restore after  [none]  1  5  15  60 min');
    await one.type('ye');
    await one.press(keys.tab, keys.tab);
    await one.until('none  1  [5]  15  60 min');
    expect(one.store.asked.map(([what, , options]) => [what, options])).toEqual([
      ['plan', {}],
      ['plan', { restoreAfter: 60 }],
      ['plan', { restoreAfter: 300 }],
    ]);
    expect(page(one)).not.toContain('> ye');
    await one.press(keys.shiftTab, keys.shiftTab, keys.shiftTab);
    await one.until('[60] min');
  });

  test('offers no restore time where nothing is taken away', async () => {
    const one = await open();
    one.store.planned = async (action) => ({ ok: true, plan: planOf(action, yes) });
    const scene = new Scene();
    scene.world.units.web1 = { web: { active: 'inactive' } };
    one.store.show(scene.healthy().state);
    await one.press('4', 's');
    await one.until('to do it');
    expect(page(one)).not.toContain('restore after');
    await one.press(keys.tab);
    expect(footer(one)).toContain('takes nothing away');
    expect(one.store.asked).toHaveLength(1);
  });

  test.each([
    [60, 20],
    [80, 24],
    [160, 45],
    [200, 60],
  ])(
    'with many risks fits %ix%i: how to confirm stays in view, the rest scrolls and is counted',
    async (columns, rows) => {
      const risk = {
        ...planOf(stopKeepalived, yes).risk,
        lines: Array.from({ length: 60 }, (_, at) => ({ severity: 'warn' as const, text: `risk number ${at} 漢字.` })),
      };
      const one = await asking(yes, [columns, rows], { risk });
      expect(page(one)).toContain('risk number 0 ');
      expect(page(one)).toMatch(/↓ \d+ more lines/);
      expect(page(one)).toContain('type yes to do it');
      expect(one.screen.buffer.active.baseY).toBe(0);
      for (let at = 0; at < 6; at++) await one.press(keys.pageDown);
      expect(page(one)).toContain('risk number 59 ');
      expect(page(one)).toContain('$ sudo -n systemctl stop keepalived');
      expect(page(one)).toContain('type yes to do it');
      expect(
        one
          .text()
          .filter((row) => row.includes('risk number'))
          .every((row) => row.includes('│')),
      ).toBe(true);
      for (let at = 0; at < 6; at++) await one.press(keys.pageUp);
      expect(page(one)).toContain('risk number 0 ');
    },
  );
});

describe('the confirmation', () => {
  const press: Confirmation = { kind: 'press', key: 'y' };

  test('by one key runs the plan after a moment of silence', async () => {
    const one = await asking(press);
    expect(page(one)).toContain('press y alone to do it');
    await one.press('y');
    expect(performed(one)).toEqual([]);
    one.clock.pass(250);
    expect(performed(one)).toEqual([['perform', planOf(stopKeepalived, press), 'y']]);
  });

  test('by a word runs it with the last letter', async () => {
    const one = await asking({ kind: 'type', word: 'lb1' });
    await one.type('lb');
    expect(page(one)).toContain('> lb▏');
    one.clock.pass(5000);
    expect(performed(one)).toEqual([]);
    await one.type('1');
    one.clock.pass(250);
    expect(performed(one)).toHaveLength(1);
    expect(performed(one)[0]).toMatchObject(['perform', { confirmation: { word: 'lb1' } }, 'lb1']);
  });

  test('is never enter, held or not', async () => {
    for (const confirmation of [press, yes]) {
      const one = await asking(confirmation);
      for (let at = 0; at < 20; at++) {
        one.clock.pass(33);
        await one.press(keys.enter);
      }
      await one.press('\r\r\r\r');
      one.clock.pass(5000);
      expect(performed(one)).toEqual([]);
      await one.press(keys.enter);
      expect(page(one)).toContain('enter confirms nothing');
    }
  });

  test('is never a key held down', async () => {
    const one = await asking(press);
    for (let at = 0; at < 60; at++) {
      await one.press('y');
      one.clock.pass(33);
    }
    await one.press('yyyyy');
    one.clock.pass(100);
    expect(performed(one)).toEqual([]);
    one.clock.pass(2000);
    expect(performed(one)).toEqual([]);
    await one.press('y');
    one.clock.pass(250);
    expect(performed(one)).toHaveLength(1);
  });

  test('is never typed ahead of the plan', async () => {
    const one = await open();
    one.store.planned = async (action) => ({ ok: true, plan: planOf(action, press) });
    await one.press('2', 'X', 'k', 'y');
    one.clock.pass(100);
    await one.press('y');
    one.clock.pass(5000);
    expect(performed(one)).toEqual([]);
  });

  test('is never a paste, bracketed or in chunks, which the dialog says', async () => {
    for (const confirmation of [press, yes]) {
      const one = await asking(confirmation);
      for (const pasted of [
        keys.paste('y'),
        keys.paste('yes'),
        keys.paste('yes\ny\r'),
        'yes',
        'yes\r',
        'y\r',
        'ye',
        's\r',
        'yesterday y\ryes\r',
      ]) {
        await one.press(pasted);
        expect(page(one)).toContain('pasted text is not taken here');
        one.clock.pass(20);
      }
      // The first and the last sign of a paste can come alone.
      one.clock.pass(2000);
      await one.press('y');
      one.clock.pass(10);
      await one.press('es, this page begins with it');
      one.clock.pass(30);
      await one.press('y');
      one.clock.pass(5000);
      expect(performed(one)).toEqual([]);
    }
  });

  test('is left by esc, also in the moment of silence', async () => {
    const one = await asking(press);
    await one.press('y');
    await one.press(keys.esc);
    one.clock.pass(5000);
    expect(performed(one)).toEqual([]);
    expect(page(one)).not.toContain('stop keepalived on lb1');
  });

  test('is not given to a dialog that has no room to be seen', async () => {
    const one = await asking(press);
    await one.resize(50, 10);
    await one.until('haconsole needs 60x20');
    await one.press('y');
    one.clock.pass(5000);
    expect(performed(one)).toEqual([]);
    await one.resize(80, 24);
    await one.until('press y alone');
    await one.press('y');
    one.clock.pass(250);
    expect(performed(one)).toHaveLength(1);
  });

  test('of another word than the one asked for says so', async () => {
    const one = await asking({ kind: 'type', word: 'lb1' });
    await one.type('yes');
    expect(page(one)).toContain('that is not lb1');
    await one.press(keys.ctrl('u'));
    await one.type('lb1');
    one.clock.pass(250);
    expect(performed(one)).toHaveLength(1);
  });

  test('keeps a question of the transport waiting, so that no letter of it becomes an answer', async () => {
    const one = await asking(yes);
    one.store.ask({ id: 1, prompt: { kind: 'passphrase', hop: 'lb1', file: '/k', again: false } });
    await one.until('a question waits');
    await one.type('ye');
    expect(page(one)).toContain('> ye');
    await one.press(keys.esc);
    expect(page(one)).toContain('Passphrase for lb1');
    expect(page(one)).not.toContain('typed, not shown');
  });
});

describe('the action', () => {
  const begun = async (size: [number, number] = [80, 24]) => {
    const one = await asking({ kind: 'press', key: 'y' }, size);
    const result = waiting<Performed>();
    one.store.performed = () => result.promise;
    await one.press('y');
    one.clock.pass(250);
    await one.until('looking once more');
    const phase = async (next: ActionPhase): Promise<void> => {
      one.scene.send({ kind: 'action', id: 1, action: stopKeepalived, author: 'ops@desk', phase: next });
      one.store.show(one.scene.state);
      one.clock.pass(250);
      await one.settle();
    };
    return Object.assign(one, { result, phase });
  };

  test('shows what is awaited with its seconds, and how it ended', async () => {
    const one = await begun();
    const command = 'sudo -n systemctl stop keepalived';
    await one.phase({ step: 'executing', command });
    expect(page(one)).toContain(`executing: ${command} … 0.0 s`);
    one.scene.send({
      kind: 'command',
      action: 1,
      node: 'lb1',
      command,
      result: { ok: true, code: 0, ms: 123, stderr: '' },
    });
    await one.phase({ step: 'verifying', awaited: 'VIPs on lb2', budget: 6000 });
    one.clock.pass(1250);
    await one.until(/verifying: VIPs on lb2 … 1\.[23] s of at most 6 s/);
    expect(page(one)).toContain('● exit 0  123 ms');
    one.result.resolve({ step: 'done', seen: '172.16.249.80 .90 .100 are on lb2', ms: 1400 });
    await one.until('● DONE');
    expect(page(one)).toMatch(/DONE after 1\.4 s[\s\S]*172\.16\.249\.80 \.90 \.100 are on lb2/);
    await one.press('y', keys.enter);
    expect(page(one)).toContain('esc closes');
    await one.press(keys.esc);
    expect(page(one)).not.toContain('DONE');
    expect(performed(one)).toHaveLength(1);
  });

  const failure = { step: 'lost', hop: 'bastion', found: 'the connection was closed', blame: 'path' } as const;
  test.each([
    [{ step: 'no-effect', seen: 'lb1 still holds 172.16.249.80', ms: 6000 }, '✗ NO EFFECT', 'lb1 still holds'],
    [
      { step: 'unknown', seen: 'nothing could be looked at', failure, ms: 1 },
      '? UNKNOWN',
      'lost on bastion: the connection',
    ],
    [
      { step: 'refused', refusal: { reason: 'read-only', text: 'this console is read-only' } },
      '! REFUSED',
      'read-only',
    ],
    [{ step: 'failed', failure }, '✗ NOT DONE', 'lost on bastion'],
  ] satisfies [Performed, string, string][])('tells %o in words', async (outcome, word, text) => {
    const one = await begun();
    one.result.resolve(outcome);
    await one.until(word);
    expect(page(one)).toContain(text);
  });

  test('goes on when its wait is left, as one line until it ends', async () => {
    const one = await begun();
    await one.phase({ step: 'verifying', awaited: 'VIPs on lb2', budget: 6000 });
    await one.press(keys.esc);
    expect(page(one)).not.toContain('of at most');
    expect(footer(one)).toMatch(/⟳ stop keepalived on lb1: verifying \d+s .*\? help/);
    await one.press('q');
    expect(footer(one)).toContain('q: stop keepalived on lb1 is under way; ctrl+c leaves all the same');
    await one.press('\u001a');
    expect(footer(one)).toContain('ctrl+z: stop keepalived on lb1 is under way and would stop midway');
    expect(one.asked).toEqual([]);
    one.scene.send({
      kind: 'action',
      id: 1,
      action: stopKeepalived,
      author: 'ops@desk',
      phase: { step: 'done', seen: 'so it is', ms: 900 },
    });
    one.store.show(one.scene.state);
    one.result.resolve({ step: 'done', seen: 'so it is', ms: 900 });
    await one.until('stop keepalived on lb1: DONE');
    expect(footer(one)).not.toContain('⟳');
    await one.press('q');
    expect(one.asked).toEqual(['quit']);
    expect(page(one)).toContain('done, so it is');
  });

  test('that would meet another state than was planned for asks again, in words, with nothing typed', async () => {
    const one = await asking({ kind: 'type', word: 'yes' });
    one.store.performed = async () => ({
      step: 'changed',
      plan: planOf(
        stopKeepalived,
        { kind: 'type', word: 'lb1' },
        {
          commands: ['sudo -n systemctl stop keepalived.service'],
          risk: {
            ...planOf(stopKeepalived, yes).risk,
            lines: [
              { severity: 'bad', text: 'nobody would be ready to take over' },
              { severity: 'bad', text: 'lb2 does not answer' },
            ],
          },
        },
      ),
    });
    await one.type('yes');
    one.clock.pass(250);
    await one.until('The state has changed since you confirmed');
    expect(page(one)).toContain('Nothing was run.');
    expect(page(one)).toContain('✗ DANGER nobody would be ready');
    expect(page(one)).toContain('✗ DANGER (new) lb2 does not answer');
    expect(page(one)).toContain('type lb1 to do it');
    expect(page(one)).toMatch(/> ▏/);
    await one.press('l');
    expect(page(one)).toContain('that came before this could be read');
    expect(performed(one)).toHaveLength(1);
    one.clock.pass(1000);
    await one.type('lb1');
    one.clock.pass(250);
    expect(performed(one).at(-1)).toMatchObject([
      'perform',
      { commands: ['sudo -n systemctl stop keepalived.service'] },
      'lb1',
    ]);
  });

  test('that was left and then met another state says that nothing was run', async () => {
    const one = await begun();
    await one.press(keys.esc);
    one.result.resolve({ step: 'changed', plan: planOf(stopKeepalived, yes) });
    await one.until('not done, the state changed under it');
  });
});

describe('the logs', () => {
  const withCommands = (): Scene => {
    const scene = new Scene().healthy();
    const ran = (node: string, command: string, result: Parameters<typeof scene.send>[0] & { kind: 'command' }) =>
      scene.send({ ...result, node, command });
    const base = { kind: 'command', action: 1, node: '', command: '' } as const;
    ran('lb1', 'sudo -n systemctl stop keepalived', { ...base, result: { ok: true, code: 0, ms: 123, stderr: '' } });
    ran('lb2', 'sudo -n systemctl start nginx', {
      ...base,
      result: { ok: true, code: 1, ms: 4567, stderr: 'Job for nginx.service failed: 寬字' },
    });
    ran('lb2', 'sudo -n systemctl stop nginx', {
      ...base,
      result: { ok: false, ms: 15_000, failure: { step: 'lost', hop: 'bastion', found: 'closed', blame: 'path' } },
    });
    return scene;
  };

  test('@ shows the commands in the place of the events, and @ again the events', async () => {
    const one = await open(withCommands(), 120, 30);
    await one.press('@');
    expect(page(one)).toMatch(/7 Commands/);
    const at = one.text().findIndex((row) => row.includes('7 Commands'));
    expect(
      one
        .text()
        .slice(at + 1, at + 4)
        .join('\n'),
    ).toMatchInlineSnapshot(`
      "12:00:03 lb1            ● exit 0          123 ms  sudo -n systemctl stop keepalived
      12:00:03 lb2            ✗ FAILED exit 1  4567 ms  sudo -n systemctl start nginx  · Job for nginx.service failed: 寬字
      12:00:03 lb2            ? NO RESULT       15.0 s  sudo -n systemctl stop nginx  · lost: closed"
    `);
    await one.press('@');
    expect(page(one)).toContain('7 Events');
  });

  test('@ says that nothing was run yet', async () => {
    const one = await open();
    await one.press('@');
    expect(page(one)).toContain('no command was run yet');
  });

  test('are filtered and scrolled alike', async () => {
    const scene = withCommands();
    for (let at = 0; at < 40; at++) {
      scene.pass(10);
      scene.send({
        kind: 'command',
        action: 2,
        node: 'web1',
        command: `systemctl restart web.${at}.`,
        result: { ok: true, code: 0, ms: 1, stderr: '' },
      });
    }
    const one = await open(scene);
    await one.press('@');
    expect(page(one)).toContain('web.39.');
    await one.press('k', 'k');
    expect(page(one)).not.toContain('web.39.');
    expect(page(one)).toContain('2 newer, G follows');
    await one.press('G', '/', 'failed');
    expect(page(one)).toContain('1 of 43');
    expect(page(one)).toContain('✗ FAILED exit 1');
  });

  test('come into view from a zoomed pane, and are zoomed whole', async () => {
    const one = await open(withCommands());
    await one.press('2', 'z', '@');
    expect(page(one)).toContain('▸7 Commands');
    expect(page(one)).toContain('Job for nginx.service failed: 寬字');
    expect(page(one)).not.toContain('LB1');
  });

  test('of the check scripts are shown merged, explained, wide signs within the frame', async () => {
    const scene = new Scene().healthy();
    scene.send({ kind: 'check-log', node: 'lb1', line: 'Mon Nov 23 12:00:01 UTC 2026: systemctl restart nginx' });
    scene.send({
      kind: 'check-log',
      node: 'lb2',
      line: `Mon Nov 23 12:00:02 UTC 2026: note by ops@desk: 漢字${'寬'.repeat(200)}`,
    });
    scene.send({ kind: 'check-log', node: 'lb1', line: 'Mon Nov 23 12:00:03 UTC 2026: killall keepalived' });
    const one = await open(scene, 160, 45);
    await one.press('#');
    expect(page(one)).toMatch(/7 Check log/);
    const at = one.text().findIndex((row) => row.includes('7 Check log'));
    const rows = one.text().slice(at + 1, at + 4);
    expect(rows[0]).toMatch(/12:00:01 lb1 +systemctl restart nginx → check_nginx found no nginx/);
    expect(rows[1]).toMatch(/12:00:02 lb2 +note by ops@desk: 漢字寬+.*│$/);
    expect(rows[2]).toMatch(/lb1 .*killall keepalived → .*gave up/);
    await one.press('#');
    expect(page(one)).toContain('7 Events');
    await one.press('#', '@');
    expect(page(one)).toContain('7 Commands');
  });
});

describe('a restore timer', () => {
  const armed = (timer: RestoreTimer | null, ago = 0): Scene => {
    const scene = new Scene().healthy();
    scene.send({
      kind: 'snapshot',
      node: 'lb2',
      asked: scene.now,
      reading: { ok: true, value: { ...scene.snapshotOf('lb2'), restore: { ok: true, value: timer } } },
    });
    scene.pass(ago);
    return scene;
  };
  const timer: RestoreTimer = { left: 252, units: ['nginx', 'keepalived'], by: 'ops@desk' };

  test('counts down on its node and in the header', async () => {
    const one = await open(armed(timer));
    expect(page(one)).toContain('◔ restore in 4:12 by ops@desk (nginx, ');
    expect(one.text()[2]).toMatch(/^◔ restore lb2 4:12 · via bastion/);
    one.store.show(armed(timer, 2000).state);
    await one.until('restore in 4:10');
  });

  test('is shown in narrow places too, with a sign and its time', async () => {
    const one = await open(armed(timer), 60, 20);
    expect(page(one)).toMatch(/3 LB2 ─+ ◔ 4:12 ● ─/);
    expect(one.text()[1]).toMatch(/^◔ restore lb2 4:12 · /);
  });

  test('of an old reading is shown with its age, not claimed', async () => {
    expect(page(await open(armed(timer, 7000), 120, 40))).toContain('~ restore in 4:05 as of 7 s ago by ops@desk');
  });

  test('that is gone or was never there is not shown', async () => {
    for (const none of [armed(null), new Scene().healthy()]) expect(page(await open(none))).not.toContain('restore');
  });

  test('says since when it is armed, where its name tells that', async () => {
    const one = await open(armed({ ...timer, by: 'ops@desk, 2026-11-23 11:54:30 UTC' }), 120, 40);
    expect(page(one)).toContain('restore in 4:12 by ops@desk since 11:54:30 (nginx');
  });

  test('of somebody hostile shows no escape sequence', async () => {
    const one = await open(armed({ ...timer, by: '\u001b]0;x\u0007\u202eevil' }), 160, 45);
    expect(page(one)).toContain('\\x1b]0;x\\x07\\u{202e}evil');
  });

  test('is cancelled by T, which the footer offers there alone', async () => {
    const one = await open(armed(timer));
    await one.press('2');
    expect(footer(one)).not.toContain('T cancel');
    await one.press('3');
    expect(footer(one)).toContain('T cancel timer');
    await one.press('T');
    expect(one.store.asked).toEqual([['plan', { kind: 'cancel-restore', node: 'lb2' }, {}]]);
  });
});
