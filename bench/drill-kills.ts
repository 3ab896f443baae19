// both-down is broken off in the middle of each of its steps, in every way: the console killed, asleep, its way cut. Measured is how long it
// takes until every service that ran runs again, from the nodes themselves. node bench/drill-kills.ts lab|demo [WAY…]
import type { DrillRig } from '../test/support/drill-cases.ts';
import { drillOn, truthOf } from '../test/support/drill-cases.ts';

const [where = 'demo', ...named] = process.argv.slice(2);
const RESTORE_AFTER = 15;
const STEPS = Number(process.env.STEPS ?? 7);

type Acting = ReturnType<DrillRig['start']>;
const WAYS: Record<string, (rig: DrillRig, running: Acting) => Promise<void>> = {
  'console killed': async (_, running) => running.kill(),
  'console asleep': async (_, running) => running.kill('SIGSTOP'),
  'jump host killed': (rig) => rig.killJump(),
  'jump host frozen': (rig) => rig.freezeJump(),
  // Nobody hears a goodbye: the wire is silent before the console dies.
  ...(where === 'lab' && {
    'seat powered off': async (_: DrillRig, running: Acting) => {
      await (await import('../test/lab/support/lab.ts')).faults['silent-cut']('jump', 'ops');
      await running.kill();
    },
  }),
};
const ways = Object.keys(WAYS).filter((way) => named.length === 0 || named.includes(way));

const rigOf = async (): Promise<DrillRig> =>
  where === 'demo'
    ? (await import('../test/support/demo-rig.ts')).demoRig()
    : (await import('../test/lab/support/rig.ts')).labRig();

/** ms until everything runs again, or undefined. */
const healedAfter = async (rig: DrillRig, limit: number): Promise<number | undefined> => {
  const began = performance.now();
  while (performance.now() - began < limit) {
    if ((await truthOf(rig).notRunning()).length === 0) return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
};

const once = async (way: string, step: number): Promise<string[]> => {
  const rig = await rigOf();
  try {
    await rig.heal();
    const running = rig.start(
      ...['drill', 'run', 'both-down', '--yes', '--json', '--no-record', '--restore-after', `${RESTORE_AFTER}s`],
    );
    await running.until(`s  ${step}. `);
    // In the middle of it: an act takes a second.
    await new Promise((resolve) => setTimeout(resolve, 400));
    await WAYS[way]?.(rig, running);
    const down = (await truthOf(rig).notRunning()).length;
    // What was begun may go on for a moment.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const ms = await healedAfter(rig, (RESTORE_AFTER + 15) * 1000);
    await rig.reviveJump().catch(() => {});
    if (way === 'console asleep') running.kill('SIGCONT');
    const end = way === 'console killed' || way === 'seat powered off' ? undefined : await drillOn(running);
    if (end && end.report.restored !== true) console.error(`${way}, step ${step}: ${end.report.summary}`);
    const told = end ? `exit ${end.code}, restored ${end.report.restored}` : 'gone';
    return [way, String(step), String(down), ms === undefined ? 'never' : ((ms + 1500) / 1000).toFixed(1), told];
  } finally {
    await rig.heal();
    await rig.stop();
  }
};

const rows: string[][] = [];
for (const way of ways)
  for (let step = 1; step <= STEPS; step += 1) {
    const row = await once(way, step).catch((error: Error) => [
      way,
      String(step),
      '?',
      '?',
      error.message.split('\n').slice(-2).join(' ').slice(-200),
    ]);
    rows.push(row);
    console.error(row.join(' | '));
  }
const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
const head = ['way', 'step', 'services down then', 'all run again after, s', 'what the console said'];
console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'));
process.exit(rows.every((row) => Number(row[3]) <= RESTORE_AFTER + 3) ? 0 : 1);
