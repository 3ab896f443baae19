import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../src/demo/clock.ts';
import { FAULTS, type Stage } from '../../src/demo/fault-list.ts';
import { NARROW } from '../../src/demo/fault-rights.ts';
import { KEEPALIVED_CONFIGURATION } from '../../src/demo/keepalived-words.ts';
import type { Rights } from '../../src/demo/rights.ts';
import { runLine } from '../../src/demo/shell.ts';
import { follow } from '../../src/demo/tools/table.ts';
import type { ToolResult } from '../../src/demo/tools/tool.ts';
import type { Unit } from '../../src/demo/unit.ts';
import { createWorld, type Host } from '../../src/demo/world.ts';
import { type Entry, readTranscript } from './transcript.ts';

/** The embedded pair plays what was played on the real one; what is said, and when, has to be the same. */
const NAMES = readdirSync(new URL('../../fixtures/captured/transcripts', import.meta.url)).map((file) =>
  file.replace('.txt', ''),
);

/** ssh, sudo and the shell on the real machine took about this long, ms; the model's take nothing. */
const OVERHEAD = 60;

/** What differs from machine to machine and from run to run is taken out. */
const form = (text: string): string =>
  text
    .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, 'STAMP')
    .replace(/\w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'STAMP')
    .replace(/\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}/g, 'STAMP')
    .replace(/^1\d{3}$/, 'UID')
    .replace(/\d+#\d+/g, 'PID#PID')
    .replace(/nginx\.conf:\d+/g, 'nginx.conf:LINE')
    .replace(/(keepalived\.conf: Line )\d+/g, '$1N')
    .replace(/\b(pid[= ]|PID )\d+/gi, '$1N')
    .replace(/^(MainPID)=[1-9]\d*$/, '$1=N')
    .replace(/(Monotonic)=[1-9]\d*[^ ].*$/, '$1=WHEN')
    .replace(/process(es)? \d+ \(/, 'process N (')
    .replace(/Linux 6\.\S+ #1 SMP PREEMPT_DYNAMIC.*?( \(built|$)/, 'KERNEL$1')
    // Newer kernels say it in words of their own (the lab runs on whatever kernel there is).
    .replace('Error: ipv4: Address not found.', 'RTNETLINK answers: Cannot assign requested address');

/** Lines whose place, number or being there hangs on the moment, or that the model does not have (each says why). */
const LEFT_OUT = [
  /Got notification message from PID/, // a quirk of how Debian's unit and keepalived 2.2.7 talk
  /received lower priority|now returning|unexpected ip number count/, // one a second, for as long as it lasts
  /Keepalived_vrrp: Stopped$/, // its last words; the journal may no longer find out whose they were
  /AH00558/, // Apache of the lab has no ServerName
  /Received SIGCHLD|Sent signal|Sending signal/, // how the lab froze it
];

/** Users of the lab, with what the model knows of them. */
const RIGHTS: Record<string, Pick<Rights, 'sudo' | 'password'>> = {
  ops: { sudo: 'all', password: false },
  narrow: { sudo: NARROW, password: false },
  nosudo: { sudo: 'none', password: false },
  root: { sudo: 'all', password: false },
};

const CHANGES: Record<string, (host: Host, words: string[]) => void> = {
  'no-stop': ({ machine }, [unit = '']) => void Object.assign(machine.unit(unit)!, { refusesStop: true }),
  'may-stop': ({ machine }, [unit = '']) => void Object.assign(machine.unit(unit)!, { refusesStop: false }),
  'no-systemd-run': ({ machine }) => void Object.assign(machine.system, { systemdRun: false }),
  'systemd-run': ({ machine }) => void Object.assign(machine.system, { systemdRun: true }),
  polkit: ({ machine }) => void Object.assign(machine.system, { polkit: true }),
};

/** The lab's switches under the names that the model has for them. */
const FAULT_NAMES: Record<string, string> = {
  'stale-vip': 'kill9 keepalived',
  'check-log full': 'full-disk',
  'check-log readonly': 'read-only-log',
};

const player = () => {
  const clock = manualClock();
  const world = createWorld(clock, 'fixed', 7);
  clock.advance(5_000);
  // The lab's files hold a password, so nobody but root reads them.
  for (const { machine } of world.hosts) {
    const file = machine.files.get(KEEPALIVED_CONFIGURATION);
    if (file) machine.files.write(KEEPALIVED_CONFIGURATION, file.content, { mode: '600' });
  }
  let password = false;
  const known = new Map<string, { main: number; others: number[] }>();
  const heard = new Map<string, number>();
  const hostOf = (name: string): Host => world.host(name)!;
  for (const { machine } of world.hosts) heard.set(machine.name, machine.journal.entries().length);

  /** Runs a command while the clock goes on, until it has ended. */
  const run = async (entry: Extract<Entry, { kind: 'run' }>): Promise<ToolResult & { ms: number }> => {
    const { machine, keepalived } = hostOf(entry.node);
    Object.assign(machine.rights, RIGHTS[entry.user], entry.user === 'narrow' && password ? { password } : {});
    const root = entry.user === 'root';
    const context = { machine, keepalived, root, user: entry.user, sbin: root, shell: 'bash' as const };
    let result: ToolResult | undefined;
    const from = clock.now();
    void runLine({ ...context, stdin: async () => entry.input }, entry.line).then((ended) => {
      result = ended;
    });
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    while (!result) {
      clock.advance(5);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      if (clock.now() - from > 200_000) throw new Error(`${entry.line} does not end`);
    }
    const ms = clock.now() - from;
    // On the real machine the next command comes no sooner.
    clock.advance(OVERHEAD);
    return { ...result, ms };
  };
  const pids = (unit: Unit): string => {
    const before = known.get(unit.name) ?? { main: 0, others: [] };
    const now = { main: unit.mainPid, others: unit.processes.slice(1).map(({ pid }) => pid) };
    known.set(unit.name, now);
    const compared = (old: number[], all: number[]): string =>
      all.length === 0 ? 'none' : all.every((pid) => old.includes(pid)) ? 'same' : 'new';
    return `main ${compared([before.main], now.main === 0 ? [] : [now.main])}, others ${compared(before.others, now.others)}`;
  };
  const fault = (words: string[]): void => {
    const [name = '', ...rest] = words;
    const how = rest.at(-1) ?? '';
    const [mine = '', service] = (FAULT_NAMES[`${name} ${how}`] ?? FAULT_NAMES[name] ?? name).split(' ');
    const host = world.hosts.find(({ machine }) => rest.includes(machine.name))!;
    const unit = host.machine.unit(service ?? rest.find((word) => host.machine.unit(word)) ?? '') ?? host.web.unit;
    FAULTS.find((one) => one.name === mine)!.apply({ world } as Stage, host, unit);
  };
  const said = (node: string): string[] => {
    const all = hostOf(node).machine.journal.entries();
    const fresh = all.slice(heard.get(node) ?? 0);
    heard.set(node, all.length);
    return fresh.map(({ identifier, message }) => `${identifier}: ${message}`);
  };
  const change = ([name = '', node = '', ...words]: string[]): void => {
    if (name === 'sudo-password') password = true;
    else if (name === 'sudo-narrow') password = false;
    else CHANGES[name]!(hostOf(node), words);
  };
  let moves: string[] = [];
  const watch = (node: string): void => {
    moves = [];
    const { machine, keepalived } = hostOf(node);
    const context = { machine, keepalived, root: false, user: 'ops', sbin: true, shell: 'sh' as const };
    follow(
      { ...context, stdin: async () => '' },
      ['ip', '-o', 'monitor', 'address'],
      (line) => moves.push(line),
      () => {},
    );
  };
  return { clock, world, hostOf, run, pids, fault, said, change, watch, noted: () => moves };
};

const lines = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
/** What each process said, in its order: how their lines mix is chance. */
const bySpeaker = (all: readonly string[]): Record<string, string[]> => {
  const spoken: Record<string, string[]> = {};
  for (const line of all.filter((one) => !LEFT_OUT.some((pattern) => pattern.test(one)))) {
    const [, speaker = '', unit = ''] =
      /^(\w+): (?:.*?\b(nginx|keepalived|apache2|haconsole-restore\.\w+)\b)?/.exec(line) ?? [];
    const key = speaker === 'systemd' ? `systemd of ${unit}` : speaker;
    spoken[key] = [...(spoken[key] ?? []), form(line)];
  }
  return spoken;
};

/** The journal loses lines of a process that ended at once (it asks whose they are when it is gone); it never makes them up. */
const compareSpoken = (mine: Record<string, string[]>, real: Record<string, string[]>): void => {
  const { Keepalived_vrrp: child = [], ...others } = mine;
  const { Keepalived_vrrp: realChild = [], ...realOthers } = real;
  expect(others).toEqual(realOthers);
  let at = 0;
  for (const line of realChild) {
    const found = child.indexOf(line, at);
    expect(child.slice(at), `${line} is not among them, or not in its place`).toContain(line);
    at = found + 1;
  }
};

describe.each(NAMES)('%s', (name) => {
  const { title, entries } = readTranscript(name);
  test(title, async () => {
    const { clock, world, hostOf, run, pids, fault, said, change, watch, noted } = player();
    const main = entries.find((entry) => entry.kind === 'run')!.node;
    for (const entry of entries) {
      switch (entry.kind) {
        case 'run': {
          const { stdout, stderr, code, ms } = await run(entry);
          const mine = { stdout: lines(stdout).map(form), stderr: lines(stderr).map(form), code };
          // How keepalived was built is told at length; the model tells where it runs.
          if (/keepalived --version$/.test(entry.line)) {
            entry.stderr = entry.stderr.slice(0, mine.stderr.length);
          }
          const real = { stdout: entry.stdout.map(form), stderr: entry.stderr.map(form), code: entry.code };
          expect({ line: entry.line, ...mine }).toEqual({ line: entry.line, ...real });
          // ssh, sudo and a busy machine add to what the real command took, and nothing takes from it.
          expect(ms, entry.line).toBeLessThanOrEqual(entry.ms + 10);
          if (entry.ms > 800) expect(ms, entry.line).toBeGreaterThanOrEqual(entry.ms * 0.95 - 3 * OVERHEAD);
          break;
        }
        case 'wait':
          // A timer's line of shell goes on from promise to promise.
          for (let left = entry.ms; left > 0; left -= 20) {
            clock.advance(Math.min(20, left));
            for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
          }
          break;
        case 'fault':
          fault(entry.words);
          break;
        case 'change':
          change(entry.words);
          break;
        case 'write':
          hostOf(entry.node).machine.files.write(entry.path, entry.text);
          break;
        case 'edit': {
          const { files } = hostOf(entry.node).machine;
          const before = files.get(entry.path)!.content;
          const after = before.replace(new RegExp(entry.from, 'm'), entry.to);
          expect(after).not.toBe(before);
          files.write(entry.path, after);
          break;
        }
        case 'watch':
          watch(main);
          break;
        case 'watched':
          expect(noted()).toEqual(entry.lines);
          break;
        case 'holders':
          expect(world.holders(entry.vip).join(' ') || 'nobody').toBe(entry.names);
          break;
        case 'pids':
          expect(`${entry.unit} ${pids(hostOf(main).machine.unit(entry.unit)!)}`).toBe(`${entry.unit} ${entry.said}`);
          break;
        case 'journal':
          compareSpoken(bySpeaker(said(main)), bySpeaker(entry.lines));
          break;
      }
    }
  });
});
