import { afterEach, describe, expect, test } from 'vitest';
import type { OpenPrompt } from '../../src/session/store.ts';
import { cells } from '../../src/views/parts/cells.ts';
import { keys, type Mounted, mountConsole } from '../support/console.tsx';
import { Scene, VIPS } from '../support/scene.ts';

let mounted: Mounted[] = [];
afterEach(() => {
  for (const one of mounted) one.unmount();
  mounted = [];
});

const open = async (
  scene: Scene,
  columns = 80,
  rows = 24,
  options: Parameters<typeof mountConsole>[3] = {},
): Promise<Mounted> => {
  const one = await mountConsole(scene.state, columns, rows, options);
  mounted.push(one);
  return one;
};

const healthy = (): Scene => new Scene().healthy();

const failover = (): Scene => {
  const scene = healthy();
  scene.move('lb1', 'lb2', 600);
  scene.rounds(3);
  return scene;
};

/** A scene with a long log. */
const talkative = (lines: number): Scene => {
  const scene = healthy();
  for (let at = 1; at <= lines; at++) scene.send({ kind: 'remark', severity: 'info', text: `remark ${at}.` });
  return scene;
};

const footer = (one: Mounted): string => one.text().at(-1) ?? '';
const page = (one: Mounted): string => one.text().join('\n');

describe('the screen', () => {
  test('at 80x24 shows everything at once', async () => {
    expect(page(await open(failover()))).toMatchInlineSnapshot(`
      "tutorial   ! WARNING degraded  for 2s                            ● LIVE 12:00:06
      held by lb2, though lb1 has the higher priority
      via bastion ● <10 ms · 4/4 nodes reached · news <3s old · • 3 changed (c)
      ─ 1 VIPs ───────────────────────────────────────────────────────────── 3 moves ─
      ▲  172.16.249.80   lb2     3s       ● web1 200 <50 ms   lb1 → lb2 12:00:03
      ▲  172.16.249.90   lb2     3s       ● web2 200 <50 ms   lb1 → lb2 12:00:03
      ▲  172.16.249.100  lb2     3s       ● web1 200 <50 ms   lb1 → lb2 12:00:03
      ─ 2 LB1 172.16.249.101 ─ ● ssh <10 ms ─ ─ 3 LB2 172.16.249.102 ── ● ssh <10 ms ─
      VRRP       ! MASTER but holds no VIP p… VRRP       ! BACKUP but holds VIPs prio…
      VIPs       none, ready                  VIPs       3/3 .80 .90 .100
      nginx      ● active 2 proc 10m          nginx      ● active 2 proc 10m
      keepalived ● active 2 proc 10m          keepalived ● active 2 proc 10m
      check log  empty                        check log  empty
      ─ 4 WEB1 ──────────── ● ─ ─ 5 WEB2 ──────────── ● ─ ─ 6 Rotation ───────────────
      apache2 ● active 2 proc   apache2 ● active 2 proc   .80  212121
      answer  ● 200 <50 ms      answer  ● 200 <50 ms      .90  121212
      share   ██████░░░░░  50 % share   ██████░░░░░  50 % .100 212121
      ─ ▸7 Events ────────────────────────────────────────────────────────────────────
      12:00:00 console ● healthy: 3 VIPs on lb1, lb2 ready
      12:00:03 lb1     ✗ 172.16.249.80 .90 .100 left lb1: nobody holds them
      12:00:03 console ! failing-over: 172.16.249.80 .90 .100 held by nobody, another…
      12:00:03 lb2     ! 172.16.249.80 .90 .100 moved lb1 → lb2
      12:00:04 console ! degraded: held by lb2, though lb1 has the higher priority
       1-7 pane  z zoom  / filter  space freeze  c clear  n note  ? help  q quit"
    `);
  });

  test('at 60x20 shows the essentials', async () => {
    expect(page(await open(healthy(), 60, 20))).toMatchInlineSnapshot(`
      "tutorial  ● OK healthy for 3s                ● LIVE 12:00:03
      via bastion ● <10 ms · 4/4 nodes reached · news <3s old
      ─ 1 VIPs 172.16.249 ────────────────────────────────────────
         .80   lb1     3s      ● web2 200 <50 ms   not moved
         .90   lb1     3s      ● web1 200 <50 ms   not moved
         .100  lb1     3s      ● web2 200 <50 ms   not moved
      ─ 2 LB1 ────── ● ssh <10 ms ─ ─ 3 LB2 ─────── ● ssh <10 ms ─
      VRRP       ● MASTER prio 150  VRRP       ● BACKUP prio 100
      VIPs       3/3 .80 .90 .100   VIPs       none, ready
      nginx      ● active 2 proc    nginx      ● active 2 proc 10m
      keepalived ● active 2 proc    keepalived ● active 2 proc 10m
      ─ 4 WEB1 ────── ● ─ ─ 5 WEB2 ────── ● ─ ─ 6 Rotation ───────
      apache2 ● active    apache2 ● active    .80  212
      answer  ● 200 <50 … answer  ● 200 <50 … .90  121
      share   ██░░░  40 % share   ███░░  60 % .100 212
      ─ ▸7 Events ────────────────────────────────────────────────
      12:00:00 web1    · connected
      12:00:00 web2    · connected
      12:00:00 console ● healthy: 3 VIPs on lb1, lb2 ready
       1-7 pane  z zoom  / filter  space freeze  ? help  q quit"
    `);
  });

  test('at 160x45 has frames and more of everything', async () => {
    const one = await open(failover(), 160, 45);
    expect(one.text().slice(0, 14).join('\n')).toMatchInlineSnapshot(`
      "tutorial   ! WARNING degraded  for 2s                                                                                                            ● LIVE 12:00:06
      held by lb2, though lb1 has the higher priority
      via bastion ● <10 ms · 4/4 nodes reached · news <3s old · • 3 changed (c)
      ╭─ 1 VIPs ────────────────────────────────────────────────────────────────────────────────── 3 moves ─╮╭─ 6 Rotation ──────────────────────────────────────────╮
      │    address         holder  for      last answer         last move                                   ││ 1 web1  2 web2                                        │
      │ ▲  172.16.249.80   lb2     3s       ● web1 200 <50 ms   lb1 → lb2 12:00:03                          ││ .80  212121                                           │
      │ ▲  172.16.249.90   lb2     3s       ● web2 200 <50 ms   lb1 → lb2 12:00:03                          ││ .90  121212                                           │
      │ ▲  172.16.249.100  lb2     3s       ● web1 200 <50 ms   lb1 → lb2 12:00:03                          ││ .100 212121                                           │
      ╰─────────────────────────────────────────────────────────────────────────────────────────────────────╯╰───────────────────────────────────────────────────────╯
      ╭─ 2 LB1 172.16.249.101 ──────────────────────────────────────── ● ssh <10 ms ─╮╭─ 3 LB2 172.16.249.102 ──────────────────────────────────────── ● ssh <10 ms ─╮
      │ VRRP       ! MASTER but holds no VIP prio 150                                ││ VRRP       ! BACKUP but holds VIPs prio 100                                  │
      │ VIPs       none, ready                                                       ││ VIPs       3/3 .80 .90 .100                                                  │
      │ nginx      ● active 2 proc 10m                                               ││ nginx      ● active 2 proc 10m                                               │
      │ keepalived ● active 2 proc 10m                                               ││ keepalived ● active 2 proc 10m                                               │"
    `);
    expect(page(one)).toContain('╭─ ▸7 Events');
  });

  test.each([
    [60, 20],
    [80, 24],
    [160, 45],
    [200, 60],
  ])('at %ix%i fills exactly the rows there are, and nothing scrolls away', async (columns, rows) => {
    const one = await open(failover(), columns, rows);
    expect(one.screen.buffer.active.baseY).toBe(0);
    expect(one.text()).toHaveLength(rows);
    expect(footer(one)).toContain('q quit');
    expect(one.text()[0]).toContain('LIVE');
  });

  test('below 60x20 is one line that says what is needed, and comes back when there is room', async () => {
    const one = await open(healthy(), 59, 20);
    expect(page(one).trim()).toBe('haconsole needs 60x20, this is 59x20');
    await one.resize(80, 24);
    await one.until('● OK healthy');
    await one.resize(40, 10);
    await one.until('haconsole needs 60x20, this is 40x10');
  });

  test('is pure ASCII where the locale wants that', async () => {
    const scene = failover();
    scene.send({ kind: 'remark', severity: 'info', text: 'größe 漢字' });
    for (const [columns, rows] of [
      [80, 24],
      [160, 45],
    ] as const)
      expect(page(await open(scene, columns, rows, { ascii: true }))).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test('has no colour with NO_COLOR, and the same words', async () => {
    const scene = failover();
    const plain = await open(scene, 80, 24, { color: false });
    const coloured = await open(scene, 80, 24);
    expect(plain.text()).toEqual(coloured.text());
    expect(plain.written()).not.toMatch(/\u001b\[[\d;]*(3[0-7]|4[0-7]|9[0-7]|10[0-7])m/);
    expect(coloured.written()).toMatch(/\u001b\[[\d;]*3[0-7]m/);
  });

  test('writes nothing when nothing that is shown has changed', async () => {
    const scene = healthy();
    const one = await open(scene);
    const before = one.written();
    one.store.show({ ...scene.state, pending: undefined as never, evidence: [] });
    await one.settle();
    expect(one.written()).toBe(before);
  });

  test('keeps its frame with wide text in it', async () => {
    const scene = healthy();
    scene.send({ kind: 'remark', severity: 'warn', text: `漢字${'寬'.repeat(200)}` });
    const one = await open(scene, 160, 45);
    const row = one.text().find((line) => line.includes('漢字')) ?? '';
    expect(cells(row)).toBe(160);
    expect(row.endsWith('│')).toBe(true);
  });

  test('lights a VIP that has just moved, and no longer after two seconds', async () => {
    const scene = healthy();
    scene.move('lb1', 'lb2', 600);
    const one = await open(scene);
    const row = (): string => one.cells().find((line) => line.includes('172.16.249.80')) ?? '';
    expect(row()).toContain('inverse');
    scene.rounds(3);
    one.store.show(scene.state);
    await one.settle();
    expect(row()).not.toContain('inverse');
    expect(row()).toContain('▲');
  });
});

describe('the header', () => {
  test('names the broken hop and when it is tried again', async () => {
    const scene = healthy();
    const failure = { step: 'lost', hop: 'bastion', found: 'closed by the other side', blame: 'path' } as const;
    scene.world.jump = failure;
    scene.send({ kind: 'link', node: 'bastion', link: { phase: 'waiting', retryAt: scene.now + 30_000, failure } });
    scene.rounds(8);
    const one = await open(scene);
    expect(one.text()[0]).toContain('? UNKNOWN blind');
    expect(one.text()[2]).toMatch(/^via bastion \? lost: closed by the other side, retry in \d+s/);
  });

  test('says for how long there has been no news', async () => {
    const scene = healthy();
    scene.pass(9000);
    expect(page(await open(scene, 120, 30))).toMatch(/! no news for 1?\ds/);
  });

  test('says that a link needs a person', async () => {
    const scene = healthy();
    const failure = { step: 'host-key', hop: 'bastion', found: 'the key has changed', blame: 'path' } as const;
    scene.send({ kind: 'link', node: 'bastion', link: { phase: 'failed', failure } });
    expect(page(await open(scene))).toContain('via bastion ? host-key: the key has changed, r tries again');
  });

  test('shows what else is wrong beside the verdict', async () => {
    const scene = healthy();
    scene.world.web.web2 = { kind: 'none', failure: { step: 'tcp', hop: 'web2', found: 'refused', blame: 'target' } };
    scene.world.units.lb2 = { keepalived: { active: 'inactive' } };
    scene.rounds(6);
    expect((await open(scene, 160, 45)).text()[1]).toMatch(/· also /);
  });
});

describe('the keys', () => {
  test('1 to 9 focus panes and say when there is none', async () => {
    const one = await open(healthy());
    await one.press('2');
    expect(page(one)).toContain('▸2 LB1');
    await one.press('9');
    expect(footer(one)).toContain('there is no pane 9');
    expect(page(one)).toContain('▸2 LB1');
  });

  test('tab and shift+tab go round', async () => {
    const one = await open(healthy());
    await one.press(keys.tab);
    expect(page(one)).toContain('▸1 VIPs');
    await one.press(keys.shiftTab);
    expect(page(one)).toContain('▸7 Events');
  });

  test('z shows the focused pane alone, esc and z show all again', async () => {
    const one = await open(healthy());
    await one.press('2', 'z');
    expect(page(one)).toContain('▸2 LB1');
    expect(page(one)).not.toContain('VIPs ──');
    await one.press(keys.esc);
    expect(page(one)).toContain('1 VIPs ──');
    await one.press('z', 'z');
    expect(page(one)).toContain('1 VIPs ──');
  });

  test('j, k, arrows, pages, g and G scroll the log, and G follows it again', async () => {
    const one = await open(talkative(60));
    expect(page(one)).toContain('remark 60.');
    await one.press('k');
    expect(page(one)).not.toContain('remark 60.');
    expect(page(one)).toContain('1 newer');
    await one.press(keys.up, keys.pageUp);
    expect(page(one)).toContain('remark 54.');
    await one.press('g');
    expect(page(one)).toContain('bastion · connected');
    await one.press('j', keys.down, keys.pageDown);
    expect(page(one)).not.toContain('bastion · connected');
    await one.press('G');
    expect(page(one)).toContain('remark 60.');
    await one.press(keys.home);
    expect(page(one)).toContain('bastion · connected');
    await one.press(keys.end);
    const scene = talkative(61);
    one.store.show(scene.state);
    await one.until('remark 61.');
  });

  test('a scrolled log stays where it is when news come', async () => {
    const one = await open(talkative(60));
    await one.press(...'kkkkk');
    const log = (): string[] => one.text().slice(18, 23);
    const before = log();
    one.store.show(talkative(80).state);
    await one.until('25 newer');
    expect(log()).toEqual(before);
  });

  test('that come together in one chunk, as on a slow line, are each heard', async () => {
    const one = await open(healthy());
    await one.press('2z');
    expect(page(one)).toContain('▸2 LB1');
    expect(page(one)).not.toContain('7 Events');
    await one.press('z/lb');
    await one.until('enter keep');
    expect(page(one)).toMatch(/7 Events.*lb/);
    await one.press(keys.esc, '3q');
    expect(one.asked).toEqual(['quit']);
  });

  test('held arrows that come in one chunk scroll as often', async () => {
    const one = await open(talkative(60));
    await one.press('kkk');
    expect(page(one)).toContain('3 newer');
  });

  test('scroll a pane that is longer than its place, and only then', async () => {
    const one = await open(healthy());
    await one.press('1', 'j');
    expect(footer(one)).toContain('j: everything in this pane is in view');
    await one.press('2', 'G');
    expect(page(one)).toMatch(/▸2 LB1 4-8\/8/);
    await one.press('g');
    expect(page(one)).toMatch(/▸2 LB1 1-5\/8/);
  });

  test('/ filters as one types, enter keeps it, esc clears it', async () => {
    const one = await open(failover());
    await one.press('/', 'moved');
    expect(page(one)).toContain('/moved▏');
    expect(page(one)).toContain('1 of 10');
    await one.press(keys.enter);
    expect(page(one)).toMatch(/Events +\/moved/);
    expect(footer(one)).toContain('q quit');
    await one.press(keys.esc);
    expect(page(one)).not.toContain('/moved');
    await one.press('/', 'xyz');
    expect(page(one)).toContain('the filter matches nothing');
    await one.press(keys.esc);
    expect(page(one)).not.toContain('xyz');
  });

  test('space freezes the picture, counts what has happened since, and names a new verdict', async () => {
    const scene = healthy();
    const one = await open(scene);
    await one.press(' ');
    scene.move('lb1', 'lb2', 600);
    scene.rounds(3);
    one.store.show(scene.state);
    await one.until('FROZEN 3s');
    expect(one.text()[0]).toMatch(/FROZEN 3s, \d since/);
    expect(one.text()[1]).toContain('now  ! WARNING degraded');
    expect(page(one)).not.toContain('moved lb1');
    expect(footer(one)).toContain('space go live');
    await one.press(' ');
    expect(page(one)).toContain('moved lb1');
    expect(one.text()[0]).toContain('LIVE');
  });

  test('c clears the marks, and says when there are none', async () => {
    const one = await open(failover());
    expect(page(one)).toContain('▲');
    await one.press('c');
    expect(one.store.asked).toEqual([['clear']]);
    expect(page(one)).not.toContain('▲');
    await one.press('c');
    expect(footer(one)).toContain('c: nothing is marked');
  });

  test('r tries again, and says when everything is up', async () => {
    const scene = healthy();
    const one = await open(scene);
    await one.press('r');
    expect(footer(one)).toContain('r: every connection is up');
    scene.send({ kind: 'link', node: 'web2', link: { phase: 'failed' } });
    one.store.show(scene.state);
    await one.press('r');
    expect(one.store.asked).toEqual([['retry']]);
  });

  test('ctrl+l, ctrl+z, q and ctrl+c ask for a repaint, a pause and the end', async () => {
    const one = await open(healthy());
    await one.press(keys.ctrl('l'), keys.ctrl('z'), 'q', keys.ctrl('c'));
    expect(one.asked).toEqual(['repaint', 'suspend', 'quit', 'quit']);
  });

  test('? shows all keys with why some do nothing now, and scrolls', async () => {
    const one = await open(healthy(), 100, 30);
    await one.press('?');
    expect(page(one)).toContain('(not now: nothing is marked)');
    await one.press('j', ...Array.from({ length: 5 }, () => keys.pageDown));
    expect(page(one)).toContain('unknown: could not be looked at');
    await one.press(...Array.from({ length: 5 }, () => keys.pageUp), 'k');
    expect(page(one)).toContain('focus the pane of this number');
    await one.press('q');
    expect(page(one)).not.toContain('(not now');
    expect(one.asked).toEqual([]);
  });

  test('a pasted page triggers nothing, bracketed or not', async () => {
    const one = await open(failover());
    const before = page(one);
    const text = 'quit q\nc\nr\n?\nz\n1\n/';
    await one.press(keys.paste(text), text.replaceAll('\n', '\r'));
    expect(page(one)).toBe(before);
    expect(one.asked).toEqual([]);
    expect(one.store.asked).toEqual([]);
  });

  test('alt and ctrl with a letter are not that letter', async () => {
    const one = await open(failover());
    await one.press('\u001bq', '\u001bc', keys.ctrl('r'), keys.ctrl('n'));
    expect(one.asked).toEqual([]);
    expect(one.store.asked).toEqual([]);
    expect(page(one)).not.toContain('Note');
  });
});

describe('a note', () => {
  test('is one line with a cursor, and enter writes it', async () => {
    const one = await open(healthy());
    await one.press('n', 'qc 漢字', keys.left, keys.left, keys.backspace, 'x', keys.enter);
    expect(one.store.asked).toEqual([['note', 'qcx漢字']]);
    await one.until('note written on lb1, lb2');
    expect(one.asked).toEqual([]);
  });

  test('makes one line of a pasted page and is not sent by it', async () => {
    const one = await open(healthy());
    await one.press('n', keys.paste('first\nsecond\n'));
    expect(page(one)).toContain('> first second');
    expect(one.store.asked).toEqual([]);
  });

  test('is left by esc, and nothing is written', async () => {
    const one = await open(healthy());
    await one.press('n', 'half', keys.esc);
    expect(page(one)).not.toContain('half');
    expect(one.store.asked).toEqual([]);
  });

  test('is not written when it is empty', async () => {
    const one = await open(healthy());
    await one.press('n', ' ', keys.enter);
    expect(footer(one)).toContain('nothing is written yet');
    expect(one.store.asked).toEqual([]);
  });

  test('says on which node it failed and why', async () => {
    const one = await open(healthy());
    one.store.outcomes = async () => [
      { node: 'lb1', ok: true },
      {
        node: 'lb2',
        ok: false,
        failure: { step: 'permission', hop: 'lb2', found: 'sudo needs a password', blame: 'target' },
      },
    ];
    await one.press('n', 'hello', keys.enter);
    await one.until('✗ lb2: permission on lb2: sudo needs a password');
    expect(page(one)).toContain('● written on lb1');
    await one.press(keys.enter);
    expect(one.store.asked).toHaveLength(1);
    await one.press(keys.esc);
    expect(page(one)).not.toContain('Note');
  });

  test('is off in a read-only session, which the header says', async () => {
    const one = await open(healthy(), 80, 24, { readOnly: true });
    expect(one.text()[0]).toContain('READ-ONLY');
    await one.press('n');
    expect(footer(one)).toContain('n: read-only: nothing is written to the nodes');
    expect(page(one)).not.toContain('> ');
  });
});

describe('a question of the transport', () => {
  const hostKey: OpenPrompt = {
    id: 7,
    prompt: {
      kind: 'host-key',
      hop: 'bastion',
      address: '192.0.2.1:22',
      keyType: 'ssh-ed25519',
      fingerprint: 'SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8',
      knownHosts: '/home/ops/.ssh/known_hosts',
    },
  };
  const asking = async (prompt: OpenPrompt, columns = 80, rows = 24): Promise<Mounted> => {
    const one = await open(healthy(), columns, rows);
    one.store.ask(prompt);
    await one.settle();
    return one;
  };

  test('about a host key shows the whole fingerprint, also at 60x20', async () => {
    expect(page(await asking(hostKey, 60, 20))).toContain('SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8');
  });

  test('about a host key is not answered by enter, y or a paste that is not yes', async () => {
    const one = await asking(hostKey);
    await one.press(keys.enter, 'y', keys.enter, keys.paste('yes please\n'), keys.enter);
    expect(one.store.asked).toEqual([]);
    expect(page(one)).toContain('type yes in full to accept this key');
  });

  test('about a host key is accepted by yes in full, and refused by esc', async () => {
    const one = await asking(hostKey);
    await one.press('y', 'e', 's', keys.enter);
    expect(one.store.asked).toEqual([['answer', 7, ['yes']]]);
    one.store.ask({ ...hostKey, id: 8 });
    await one.press(keys.esc);
    expect(one.store.asked.at(-1)).toEqual(['answer', 8, null]);
  });

  test('about a passphrase never shows it, nor how long it is', async () => {
    const one = await asking({
      id: 1,
      prompt: { kind: 'passphrase', hop: 'lb1', file: '/home/ops/.ssh/id', again: true },
    });
    expect(page(one)).toContain('That passphrase did not open the key.');
    await one.press(keys.enter);
    expect(one.store.asked).toEqual([]);
    await one.press('s3cret q');
    const short = page(one);
    await one.press('-and-longer');
    expect(page(one)).toBe(short);
    await one.press(keys.enter);
    expect(one.store.asked).toEqual([['answer', 1, ['s3cret q-and-longer']]]);
    expect(one.written()).not.toContain('s3cret');
    expect(one.asked).toEqual([]);
  });

  test('of a server is asked one by one, shown only where the server allows it, and made visible', async () => {
    const one = await asking({
      id: 2,
      prompt: {
        kind: 'questions',
        hop: 'bastion',
        title: 'Two factors',
        instruction: 'Welcome\u001b[2J\nline two',
        questions: [
          { text: 'Name:', echo: true },
          { text: 'Code:', echo: false },
        ],
      },
    });
    expect(page(one)).toContain('bastion asks (1 of 2)');
    expect(page(one)).toContain('Welcome\\x1b[2J');
    await one.press('ada', keys.enter);
    expect(page(one)).toContain('Code:');
    await one.press('123456');
    expect(page(one)).not.toContain('123456');
    await one.press(keys.enter);
    expect(one.store.asked).toEqual([['answer', 2, ['ada', '123456']]]);
  });

  test('waits until the line being typed is finished, so that no word of it becomes an answer', async () => {
    const one = await open(healthy());
    await one.press('n', 'half a sentence');
    one.store.ask(hostKey);
    await one.until('a question waits');
    expect(page(one)).not.toContain('Is this bastion?');
    await one.press(keys.esc);
    expect(page(one)).toContain('Is this bastion?');
  });

  test('that takes the place of another starts with an empty line', async () => {
    const one = await asking({ id: 1, prompt: { kind: 'passphrase', hop: 'lb1', file: '/k', again: false } });
    await one.press('first');
    one.store.ask({ id: 3, prompt: { kind: 'passphrase', hop: 'lb2', file: '/k', again: false } });
    await one.press(keys.enter);
    expect(one.store.asked).toEqual([]);
  });
});

describe('hostile text', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u009b1m\u202egnp\u200b\u2066\r\n\0\ud800🇦🇹\u{e0041}zz';

  test('is made visible wherever it comes from, and no escape sequence of it reaches the terminal', async () => {
    const scene = healthy();
    const [vip = ''] = VIPS;
    scene.send({ kind: 'journal', node: 'lb1', unit: `${evil}.service`, message: evil.repeat(500), nodeTime: 0 });
    scene.send({ kind: 'check-log', node: 'lb1', line: evil });
    scene.send({ kind: 'remark', severity: 'bad', text: evil });
    scene.world.units.web1 = { web: { id: `${evil}.service`, active: evil, result: evil } };
    scene.world.units.lb1 = { nginx: { active: 'failed', result: evil } };
    const failure = { step: 'tcp', hop: evil, found: evil, blame: 'target' } as const;
    scene.world.vip[vip] = { kind: 'none', failure };
    scene.send({ kind: 'link', node: 'web2', link: { phase: 'waiting', retryAt: 0, failure } });
    scene.send({ kind: 'link', node: 'bastion', link: { phase: 'failed', failure } });
    scene.rounds(3);
    for (const [columns, rows] of [
      [60, 20],
      [80, 24],
      [200, 60],
    ] as const) {
      const one = await open(scene, columns, rows);
      one.store.ask({
        id: 1,
        prompt: {
          kind: 'questions',
          hop: evil,
          title: evil,
          instruction: evil,
          questions: [{ text: evil, echo: true }],
        },
      });
      await one.press(keys.paste(evil), '2', 'z');
      expect(page(one)).toContain('\\x1b');
      expect(page(one)).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f]/u);
      const written = one.written();
      expect(written).not.toContain('\u001b]');
      expect(written).not.toContain('\u0007');
      expect(written).not.toContain('\u009b');
      // Ink clears the screen by itself when it is resized; nothing here resizes it.
      expect(written).not.toContain('\u001b[2J\u001b[31m');
      expect(one.text()).toHaveLength(rows);
      expect(one.screen.buffer.active.baseY).toBe(0);
    }
  });
});
