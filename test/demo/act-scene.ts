import { expect } from 'vitest';
import { manualClock } from '../../src/demo/clock.ts';
import { FAULTS, type Stage } from '../../src/demo/fault-list.ts';
import { KEEPALIVED_CONFIGURATION } from '../../src/demo/keepalived-words.ts';
import { runLine } from '../../src/demo/shell.ts';
import type { ToolContext, ToolResult } from '../../src/demo/tools/tool.ts';
import { createWorld } from '../../src/demo/world.ts';

/** Where notes go. */
export const LOG = '/etc/keepalived/check_nginx.log';

/** One load balancer of a quiet pair, and commands on it while its clock goes on. */
export const scene = (on = 'lb1') => {
  const clock = manualClock();
  const world = createWorld(clock, 'fixed', 11);
  clock.advance(5_000);
  const host = world.host(on)!;
  const { machine, keepalived } = host;
  const begin = (line: string, as: Partial<ToolContext> = {}): Promise<ToolResult> =>
    runLine(
      {
        machine,
        keepalived,
        root: false,
        user: 'demo',
        sbin: false,
        shell: 'bash',
        stdin: async () => '',
        ...as,
      },
      line,
    );
  const settle = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 10) {
      for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
      clock.advance(10);
    }
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
  };
  /** Runs it and lets `ms` pass, in which it has to end. */
  const run = async (line: string, ms = 200, as: Partial<ToolContext> = {}): Promise<ToolResult> => {
    const running = begin(line, as);
    await settle(ms);
    return running;
  };
  const fault = (name: string): void =>
    FAULTS.find((one) => one.name === name)!.apply(
      { world, dropSsh: () => {} } as unknown as Stage,
      host,
      host.web.unit,
    );
  const edit = (from: string, to: string): void => {
    const text = machine.files.get(KEEPALIVED_CONFIGURATION)!.content;
    expect(text).toContain(from);
    machine.files.write(KEEPALIVED_CONFIGURATION, text.replace(from, to));
  };
  return { clock, world, host, machine, begin, run, settle, fault, edit };
};
