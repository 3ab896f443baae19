// Every built-in drill, several times in a row, on the lab or on the embedded cluster: what was measured beside what was computed.
// node bench/drills.ts lab|demo [TIMES] [DRILL…]: each run's report goes to the folder $DRILLS_OUT (of several calls as well), the table of all
// reports there to stdout. TIMES 0 only makes the table.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lab/run.ts';
import { startDemo } from '../src/demo/cluster.ts';
import { builtInDrills } from '../src/drills/catalog/built-in.ts';
import { CLUSTER_FILE, consoleCommand, healAll, healthy, STATE, withLab } from '../test/lab/support/lab.ts';
import { BIN } from '../test/support/demo-console.ts';

const [where = 'lab', times = '5', ...names] = process.argv.slice(2);
const drills = builtInDrills()
  .map((drill) => drill.name)
  .filter((name) => names.length === 0 || names.includes(name));
const OUT = process.env.DRILLS_OUT ?? '/tmp/drills';

/** What the table takes of a report (`haconsole.drill/1`). */
type Report = {
  summary: string;
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

mkdirSync(OUT, { recursive: true });
const env = { PATH: process.env.PATH, HOME: where === 'lab' ? STATE : process.env.HOME, LC_ALL: 'C.UTF-8', TZ: 'UTC' };

const runAll = async (): Promise<void> => {
  const { command, heal, stop } = await seat();
  try {
    for (const name of drills)
      for (let turn = 1; turn <= Number(times); turn += 1) {
        const [cmd, args] = command(['drill', 'run', name, '--yes', '--json', '--no-record']);
        const began = performance.now();
        const ran = await run(cmd, args, { env, timeout: 400_000 });
        const report = ran.stdout.startsWith('{') ? (JSON.parse(ran.stdout) as Report) : undefined;
        const place = join(OUT, `${where}-${name}-${Date.now()}`);
        if (report) writeFileSync(`${place}.json`, ran.stdout);
        if (ran.code !== 0) {
          writeFileSync(`${place}.txt`, ran.stderr);
          await heal();
        }
        const said = report?.summary ?? ran.stderr.split('\n').at(-2);
        console.error(`${name} ${turn}: exit ${ran.code} after ${s(performance.now() - began)} s: ${said}`);
      }
  } finally {
    await stop();
  }
};

/** One line of the table, from all reports of a drill. */
const rowOf = (name: string): string[] => {
  const files = readdirSync(OUT).filter((file) => new RegExp(`^${where}-${name}-\\d+\\.json$`).test(file));
  const reports = files.map((file) => JSON.parse(readFileSync(join(OUT, file), 'utf8')) as Report);
  const of = (beginning: string) =>
    reports.flatMap(({ expectations }) => expectations.find(({ text }) => text.startsWith(beginning)) ?? []);
  const values = (list: { value: number | null }[]) => list.flatMap(({ value }) => (value === null ? [] : [value]));
  const outage = of('longest gap in the answers of any VIP: ');
  const around = values(of('no answer lost for longer'));
  const lost = reports.flatMap(({ measurement }) => (measurement ? [measurement.lost] : []));
  const passed = reports.filter((one) => one.verdict === 'pass' && one.restored === true).length;
  return [
    `\`${name}\``,
    `${passed} of ${reports.length}`,
    outage[0]?.text.replace(/^.*VIP: |, from step.*$/g, '') ?? '–',
    spread(values(outage)),
    spread(around),
    lost.length > 0 ? `${Math.min(...lost)} to ${Math.max(...lost)}` : '–',
  ];
};

if (Number(times) > 0) await runAll();
const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
const head = ['drill', 'passed', 'outage computed', 'outage measured, s', 'blip at a move, s', 'requests lost'];
const rows = builtInDrills()
  .map((drill) => rowOf(drill.name))
  .filter((row) => row[1] !== '0 of 0');
console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'));
process.exit(0);
