import { afterEach, describe, expect, test } from 'vitest';
import { initialState } from '../../src/cluster/initial.ts';
import { reduce } from '../../src/cluster/reduce.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { withLookBack } from '../../src/session/look-back.ts';
import { startReplay } from '../../src/session/replay.ts';
import { cells } from '../../src/views/parts/cells.ts';
import { FakeStore, keys, type Mounted, mountConsole } from '../support/console.tsx';
import { drilled } from '../support/drilled.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { recordEvents, recordInMemory } from '../support/recorded.ts';
import { type Replayed, replayed, storyOf } from '../support/replayed.ts';

let mounted: Mounted[] = [];
afterEach(() => {
  for (const one of mounted) one.unmount();
  mounted = [];
});

const show = async (
  one: Pick<Replayed, 'session'>,
  columns = 80,
  rows = 24,
  options: Parameters<typeof mountConsole>[3] = {},
): Promise<Mounted> => {
  const screen = await mountConsole(one.session.get().state, columns, rows, { ...options, shows: one.session });
  mounted.push(screen);
  return screen;
};

/** Presses keys, and lets the picture of each come. */
const press = async (screen: Mounted, clock: ManualClock, ...pressed: string[]): Promise<void> => {
  for (const key of pressed) {
    await screen.press(key);
    clock.pass(50);
  }
  await screen.settle();
};
const page = (screen: Mounted): string => screen.text().join('\n');
const bar = (screen: Mounted): string[] => screen.text().slice(-3);

describe('a replay on the screen', () => {
  test('at 80x24 is the console with a banner, a bar, and what was said last', async () => {
    const one = await replayed();
    const screen = await show(one);
    await press(screen, one.clock, '}', keys.right);
    expect(page(screen)).toMatchInlineSnapshot(`
      "tutorial   ! WARNING no backup  for 3s                       ‖ REPLAY  12:00:48Z
      lb1 is not ready: keepalived is inactive
      via bastion ● <10 ms · 4/4 nodes reached · news <3s old · • 5 changed
      ─ 1 VIPs ───────────────────────────────────────────────────────────── 3 moves ─
      ▲  172.16.249.80   lb2     4s       ● web1 200 <50 ms   lb1 → lb2 12:00:43
      ▲  172.16.249.90   lb2     4s       ● web2 200 <50 ms   lb1 → lb2 12:00:43
      ▲  172.16.249.100  lb2     4s       ● web1 200 <50 ms   lb1 → lb2 12:00:43
      ─ 2 LB1 172.16.249.101 ─ ● ssh <10 ms ─ ─ 3 LB2 172.16.249.102 ── ● ssh <10 ms ─
      VRRP       ✗ not running                VRRP      •● MASTER prio 100
      VIPs       none ✗ not ready: keepalive… VIPs       3/3 .80 .90 .100
      nginx      ● active 2 proc 10m          nginx      ● active 2 proc 10m
      keepalived•✗ inactive 0 proc 1s         keepalived ● active 2 proc 10m
      check log  empty                        check log  empty
      ─ 4 WEB1 ──────────── ● ─ ─ 5 WEB2 ──────────── ● ─ ─ 6 Rotation ───────────────
      apache2 ● active 2 proc   apache2 ● active 2 proc   .80  212121212121212121
      answer  ● 200 <50 ms      answer  ● 200 <50 ms      .90  121212121212121212
      share   ██████░░░░░  50 % share   ██████░░░░░  50 % .100 212121212121212121
      ─ ▸7 Events ────────────────────────────────────────────────────────────────────
      12:00:43 lb2     ! 172.16.249.80 .90 .100 moved lb1 → lb2: keepalived on lb1 wa…
      12:00:43 lb2     · VRRP BACKUP → MASTER
      12:00:44 console ! no-backup: lb1 is not ready: keepalived is inactive
       12:00:00Z ●╌╌╌╌╌╌╌╌╌╌✗█╌╌╌╌╌╌•╌╌╌╌╌╌✗●╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 12:03:44Z
       ‖ 12:00:48.0Z +0:48 of 3:44 1x  ! 3s ago console no-backup: lb1 is not ready: …
       space play  ←→ 5 s  [] event  {} incident  g go to  / search  ? help  q quit"
    `);
  });

  test('at 60x20 the bar takes one row, and every pane keeps its place', async () => {
    const one = await replayed();
    const screen = await show(one, 60, 20);
    await press(screen, one.clock, '}', keys.right);
    expect(page(screen)).toMatchInlineSnapshot(`
      "tutorial   ! WARNING no backup  for 3s   ‖ REPLAY  12:00:48Z
      lb1 is not ready: keepalived is inactive
      ─ 1 VIPs 172.16.249 ────────────────────────────── 3 moves ─
      ▲  .80   lb2     4s      ● web1 200 <50 ms   → lb2 12:00:43
      ▲  .90   lb2     4s      ● web2 200 <50 ms   → lb2 12:00:43
      ▲  .100  lb2     4s      ● web1 200 <50 ms   → lb2 12:00:43
      ─ 2 LB1 ────── ● ssh <10 ms ─ ─ 3 LB2 ─────── ● ssh <10 ms ─
      VRRP       ✗ not running      VRRP      •● MASTER prio 100
      VIPs       none ✗ not ready:… VIPs       3/3 .80 .90 .100
      nginx      ● active 2 proc    nginx      ● active 2 proc 10m
      keepalived•✗ inactive 0 proc  keepalived ● active 2 proc 10m
      ─ 4 WEB1 ────── ● ─ ─ 5 WEB2 ────── ● ─ ─ 6 Rotation ───────
      apache2 ● active    apache2 ● active    .80  212121212121
      answer  ● 200 <50 … answer  ● 200 <50 … .90  121212121212
      share   ███░░  50 % share   ███░░  50 % .100 212121212121
      ─ ▸7 Events ────────────────────────────────────────────────
      12:00:43 lb2     · VRRP BACKUP → MASTER
      12:00:44 console ! no-backup: lb1 is not ready: keepalived …
       ‖ 12:00:48.0Z 1x ●╌╌╌╌╌╌✗█╌╌╌╌•╌╌╌╌✗▲╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌
       space play  ←→ 5 s  [] event  {} incident  ? help  q quit"
    `);
  });

  test.each([
    [60, 20],
    [80, 24],
    [160, 45],
    [200, 60],
  ])('without colour and in ASCII alone at %i x %i tells the same', async (columns, rows) => {
    const one = await replayed();
    const screen = await show(one, columns, rows, { ascii: true, color: false });
    await press(screen, one.clock, ']', ']', ']', '}');
    expect(page(screen)).toMatch(/^[\x20-\x7e\n]*$/);
    expect(screen.text()).toHaveLength(rows);
    expect(screen.text()[0]).toMatch(/= REPLAY {2}12:00:4\dZ$/);
    expect(screen.text()[rows - 2]).toMatch(/^ = (\d{4}-\d\d-\d\d )?12:00:4\d\.\dZ /);
    expect(screen.written()).not.toMatch(/\u001b\[[0-9;]*3[0-7]m/);
    for (const line of screen.text()) expect(cells(line)).toBeLessThanOrEqual(columns);
  });

  test('the bar shows what was said by the worst of each cell, what is idle, and the position', async () => {
    const one = await replayed(undefined, { at: 30_000 });
    const screen = await show(one, 160, 45);
    await screen.settle();
    const [line = '', place = ''] = bar(screen);
    expect(line).toMatch(/^ 12:00:00Z .* 12:03:44Z$/);
    expect(line).toMatch(/●╌+█╌+✗[!✗▲●]*╌+•╌+/);
    expect(place).toMatch(/^ ‖ 2026-11-23 12:00:29\.0Z \+0:29 of 3:44 1x {2}● 20s ago console healthy: 3 VIPs/);
    // Bad news is red, the position stands out.
    expect(screen.cells().at(-3)).toMatch(/<bold 16777216:6 0:-1>█.*<bold 16777216:1 0:-1>✗/);
  });

  test('every key that acts says why it does not, and asks the session for nothing', async () => {
    const one = await replayed();
    const screen = await show(one);
    for (const key of ['s', 'X', 'R', 'L', 'o', 'V', 'T', 'd', 'y', 'c', 'r']) {
      await press(screen, one.clock, '2', key);
      expect(screen.text().at(-1)).toContain(`${key}: this is a recording`);
    }
    expect(screen.store.asked).toEqual([]);
    await press(screen, one.clock, '?');
    expect(page(screen)).toMatch(/In the past[\s\S]*play or pause/);
  });

  test('g takes a line, says what is no time, and goes there', async () => {
    const one = await replayed();
    const screen = await show(one);
    await press(screen, one.clock, 'g', 'n', 'o', 'o', 'n', keys.enter);
    expect(bar(screen).join('\n')).toMatch(/go to \(12:03:10 UTC, \+90s, -5m, 50%\): noon[\s\S]*noon is no time/);
    await press(screen, one.clock, keys.ctrl('u'), keys.paste('12:01:30'), keys.enter);
    expect(bar(screen)[1]).toMatch(/^ ‖ 12:01:30\.0Z/);
    await press(screen, one.clock, 'g', keys.esc, 'u');
    expect(bar(screen)[1]).toMatch(/^ ‖ 12:00:00\.0Z/);
  });

  test('/ counts what it finds while it is typed; n and N go from one to the next; esc ends it', async () => {
    const one = await replayed();
    const screen = await show(one);
    await press(screen, one.clock, '/', ...'moved lb');
    expect(bar(screen)[1]).toMatch(/search the events: moved lb. +\/moved lb 2 found/);
    await press(screen, one.clock, keys.enter);
    expect(bar(screen)[1]).toMatch(/moved lb 2 found.*▲? .*moved lb1 → lb2|2 found.*lb1 → lb2|2 found/);
    const first = bar(screen)[1];
    await press(screen, one.clock, 'n', 'N');
    expect(bar(screen)[1]).toBe(first);
    await press(screen, one.clock, keys.esc);
    expect(bar(screen)[1]).not.toContain('found');
    await press(screen, one.clock, keys.esc);
    expect(screen.text().at(-1)).toContain('nothing to leave; q leaves the replay');
  });

  test('shift and the arrows go a minute, backspace and < > set the speed, i plays idle stretches too', async () => {
    const one = await replayed();
    const screen = await show(one);
    await press(screen, one.clock, keys.shiftRight);
    expect(bar(screen)[1]).toMatch(/^ ‖ 12:01:00\.0Z/);
    await press(screen, one.clock, keys.shiftLeft, keys.right, '>', '>', '<', 'i');
    expect(bar(screen)[1]).toMatch(/^ ‖ 12:00:05\.0Z \+0:05 of \d:\d\d 2x idle too/);
    await press(screen, one.clock, keys.backspace, ' ');
    expect(screen.text()[0]).toMatch(/▸ REPLAY/);
    expect(screen.text().at(-1)).toMatch(/space pause/);
    await press(screen, one.clock, 'f');
    expect(screen.text().at(-1)).toContain('f: the recording was closed: nothing will follow');
    await press(screen, one.clock, 'q');
    expect(screen.asked).toEqual(['quit']);
  });

  test('the log filters by &, scrolls, and a seek brings it back to the newest line', async () => {
    const one = await replayed();
    const screen = await show(one);
    await press(screen, one.clock, keys.end, '&', ...'lb2', keys.enter);
    expect(page(screen)).toMatch(/Events \/lb2.* \d+ of \d+/);
    await press(screen, one.clock, keys.esc, '7', 'k', 'k');
    expect(page(screen)).toMatch(/2 newer, G follows/);
    await press(screen, one.clock, keys.left);
    expect(page(screen)).not.toMatch(/newer, G follows/);
  });

  test('says of a file that was altered that it is not to be relied on', async () => {
    const one = await replayed();
    const screen = await show(one);
    one.session.trouble({ level: 'bad', word: 'ALTERED', text: 'not what was recorded: line 12' });
    await press(screen, one.clock, keys.right);
    expect(screen.text()[0]).toMatch(/ALTERED {3}‖ REPLAY/);
    expect(page(screen)).toContain('✗ not what was recorded: line 12');
  });
});

describe('a drill in a replay', () => {
  test('has its pane, forms its verdict again, and is put away and shown by key', async () => {
    const { events, pair } = await drilled('lb1-down');
    const first = events[0] as (typeof events)[number];
    const { source } = await recordEvents(initialState(pair.state.topology, first.at), events);
    const playback = await createPlayback(source);
    const clock = new ManualClock();
    const one = { session: startReplay({ playback, clock }) };
    const screen = await show(one, 160, 45);
    await press(screen, clock, '}');
    expect(screen.text().at(-1)).toContain('drill lb1-down');
    const { state } = one.session.get();
    expect(state).toEqual(
      events
        .filter((event) => event.at.mono <= state.now.mono)
        .reduce(reduce, initialState(pair.state.topology, first.at)),
    );
    await press(screen, clock, ...Array.from({ length: 6 }, () => ']'));
    expect(page(screen)).toMatch(/DRILL lb1-down/);
    expect(screen.text().at(-3)).toContain('═');
    await press(screen, clock, keys.end);
    expect(one.session.get().state.drill).toEqual(pair.state.drill);
    expect(page(screen)).toMatch(/PASS/);
    await press(screen, clock, 'D');
    expect(page(screen)).not.toMatch(/PASS/);
    await press(screen, clock, 'D', 'd');
    expect(page(screen)).toMatch(/PASS/);
    expect(screen.text().at(-1)).toContain('d: this is a recording');
    await press(screen, clock, keys.home);
    expect(page(screen)).not.toMatch(/PASS/);
  });
});

describe('looking back', () => {
  const running = async () => {
    const { scene, source } = await recordInMemory(storyOf);
    const live = new FakeStore(scene.state);
    const clock = new ManualClock();
    const store = withLookBack(
      {
        ...live,
        get: live.get,
        subscribe: live.subscribe,
        clear: () => live.clear(),
        note: (text) => live.note(text),
        plan: (action, options) => live.plan(action, options),
        perform: (plan, given) => live.perform(plan, given),
        answer: (id, answers) => live.answer(id, answers),
        retry: () => live.retry(),
      },
      { memory: () => source, clock },
    );
    const screen = await mountConsole(scene.state, 80, 24, { shows: store });
    mounted.push(screen);
    return { live, clock, screen, scene };
  };

  test('goes back from now, keeps all keys from acting, and end is now again', async () => {
    const { live, clock, screen } = await running();
    expect(screen.text()[0]).toContain('LIVE');
    await screen.press(keys.left);
    await screen.until(/◂ LOOK-BACK 5s, 0 since {2}12:03/);
    await press(screen, clock, keys.shiftLeft, '2', 'X');
    expect(screen.text().at(-1)).toContain('X: this is the past: end goes back to now');
    await press(screen, clock, '{');
    expect(page(screen)).toMatch(/now ● OK healthy .*then: 172\.16\.249\.80/);
    expect(page(screen)).toMatch(/nobody/);
    await press(screen, clock, keys.end);
    expect(screen.text()[0]).toMatch(/LIVE 12:03/);
    expect(live.asked).toEqual([]);
  });

  test('tells what has come about meanwhile: an alarm by its name, a question that waits', async () => {
    const { live, clock, screen, scene } = await running();
    await screen.press(keys.left);
    await screen.until(/LOOK-BACK/);
    scene.world.instances = { lb1: null, lb2: null };
    scene.move('lb1', 'nobody', 600);
    scene.rounds(8);
    live.show(scene.state);
    await screen.settle();
    expect(page(screen)).toMatch(/now {2}✗ CRITICAL no master/);
    expect(screen.text()[0]).toMatch(/LOOK-BACK 1\ds, \d+ since/);
    live.ask({
      id: 1,
      prompt: { kind: 'passphrase', hop: 'bastion', file: '~/.ssh/id', again: false },
    });
    await screen.settle();
    expect(page(screen)).toContain('a question waits: end goes back to now');
    await press(screen, clock, 'y');
    expect(live.asked).toEqual([]);
    await press(screen, clock, 'q');
    expect(page(screen)).toContain('Passphrase for bastion');
    expect(screen.asked).toEqual([]);
  });

  test('played faster than time it comes back to now by itself', async () => {
    const { clock, screen } = await running();
    await screen.press(keys.left);
    await screen.until(/LOOK-BACK/);
    await press(screen, clock, ' ');
    clock.pass(6000);
    await screen.until(/● LIVE/);
  });
});
