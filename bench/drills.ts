// Every built-in drill, several times in a row, on the lab or on the embedded cluster: what was measured beside what was computed.
// node bench/drills.ts lab|demo [TIMES] [DRILL…]; the table goes to stdout, each run's line to stderr, failed reports to $DRILLS_OUT.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lab/run.ts';
import { startDemo } from '../src/demo/cluster.ts';
import { builtInDrills } from '../src/drills/catalog/built-in.ts';
import { CLUSTER_FILE, consoleCommand, healAll, healthy, STATE, withLab } from '../test/lab/support/lab.ts';
import { BIN } from '../test/support/demo-console.ts';

const [where = 'lab', times = '5', ...names] = process.argv.slice(2);
const drills = builtInDrills.map((drill) => drill.name).filter((name) => names.length === 0 || names.includes(name));
const OUT = process.env.DRILLS_OUT ?? '/tmp/drills';

/** What the table takes of a report (`haconsole.drill/1`). */
type Report = {
  verdict: string;
  restored: boolean | null;
  duration: number;
  budgets: { name: string; least: number; most: number }[];
  expectations: {
    text: string;
    result: string;
    value: number | null;
    resolution: number | null;
    computed: string | null;
  }[];
  measurement: {
    requests: number;
    lost: number;
    failbackBlip: { ms: number } | null;
    vips: { longestGap: { ms: number; resolution: number } | null }[];
  } | null;
};

const seat = async () => {
  if (where === 'demo') {
    const cluster = await startDemo({ seed: 1 });
    return {
      command: (args: string[]): [string, string[]] => [process.execPath, [BIN, ...args, '-c', cluster.clusterFile]],
      heal: async () => {},
      stop: () => cluster.stop(),
    };
  }
  await withLab();
  await healAll();
  await healthy();
  return {
    command: (args: string[]) => consoleCommand(args, CLUSTER_FILE),
    heal: async () => {
      await healAll();
      await healthy();
    },
    stop: async () => {},
  };
};

const s = (ms: number): string => (ms / 1000).toFixed(2);
const spread = (values: number[]): string =>
  values.length === 0 ? '–' : `${s(Math.min(...values))} to ${s(Math.max(...values))}`;

const { command, heal, stop } = await seat();
mkdirSync(OUT, { recursive: true });
const rows: string[][] = [];
const env = { PATH: process.env.PATH, HOME: where === 'lab' ? STATE : process.env.HOME, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
try {
  for (const name of drills) {
    const reports: Report[] = [];
    let passed = 0;
    for (let turn = 1; turn <= Number(times); turn += 1) {
      const [cmd, args] = command(['drill', 'run', name, '--yes', '--json']);
      const began = performance.now();
      const ran = await run(cmd, args, { env, timeout: 400_000 });
      const line = `${name} ${turn}: exit ${ran.code} after ${s(performance.now() - began)} s`;
      const report = ran.stdout.startsWith('{') ? (JSON.parse(ran.stdout) as Report & { summary: string }) : undefined;
      if (ran.code === 0) passed += 1;
      else {
        writeFileSync(join(OUT, `${where}-${name}-${turn}.txt`), `${ran.stdout}\n${ran.stderr}`);
        await heal();
      }
      console.error(`${line}: ${report?.summary ?? ran.stderr.split('\n').at(-2)}`);
      if (report) reports.push(report);
    }
    const outages = reports.flatMap(({ expectations }) => {
      const one = expectations.find(({ text }) => text.startsWith('longest gap in the answers'));
      return one?.value == null ? [] : [one.value];
    });
    const wanted =
      reports[0]?.expectations.find(({ text }) => text.startsWith('longest gap in the answers'))?.text ?? '';
    const blips = reports.flatMap(({ expectations, measurement }) => {
      const one = expectations.find(({ text }) => text.startsWith('longest gap around'));
      return one?.value == null ? (measurement?.failbackBlip ? [measurement.failbackBlip.ms] : []) : [one.value];
    });
    const lost = reports.flatMap(({ measurement }) => (measurement ? [measurement.lost] : []));
    rows.push([
      `\`${name}\``,
      `${passed} of ${times}`,
      wanted.replace(/^.*VIP: /, '') || '–',
      spread(outages),
      spread(blips),
      lost.length > 0 ? `${Math.min(...lost)} to ${Math.max(...lost)}` : '–',
    ]);
  }
} finally {
  await stop();
}
const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
const head = ['drill', 'passed', 'outage computed', 'outage measured, s', 'blip at a move, s', 'requests lost'];
console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'));
process.exit(rows.every((row) => row[1] === `${times} of ${times}`) ? 0 : 1);
