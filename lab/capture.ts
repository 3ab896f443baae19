import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { currentFlavour } from './configure.ts';
import { breakNginx } from './faults/config.ts';
import { freeze, kill9, mask, stop } from './faults/service.ts';
import { cut, dropVrrp } from './faults/wire.ts';
import { healAll } from './heal.ts';
import { inside, isRunning } from './node.ts';
import { addressOf, REPOSITORY, VIPS } from './plan.ts';
import { redact } from './redact.ts';
import { onNet, type Ran, sleep, until } from './run.ts';
import { holders, unitState } from './truth.ts';

/** What is asked of a node in each state: the tool it belongs to, a name for the file, the command. */
type Question = { tool: Tool; name: string; on: 'lb' | 'web'; argv: string[] };
type Tool = 'iproute2' | 'systemd' | 'procps' | 'keepalived' | 'nginx' | 'check-script';

const shell = (script: string): string[] => ['sh', '-c', script];
const PROPERTIES =
  'Id,LoadState,UnitFileState,ActiveState,SubState,Result,MainPID,NRestarts,ActiveEnterTimestampMonotonic,InactiveEnterTimestampMonotonic';

/** keepalived writes its dumps about 0.2 s after the signal; one that is frozen or dead writes none. */
const dump = (signal: string, file: string): string[] =>
  shell(
    `rm -f ${file}; pid=$(systemctl show keepalived --value -p MainPID); [ "$pid" -gt 0 ] || exit 3
kill -s "$(keepalived --signum=${signal})" "$pid"; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; [ -s ${file} ] && break; done; sleep 0.1; cat ${file}`,
  );

const journal = (unit: string): string[] => ['journalctl', '--no-pager', '-b', '-n', '12', '-o', 'json', '-u', unit];

const QUESTIONS: readonly Question[] = [
  { tool: 'iproute2', name: 'ip-o-addr', on: 'lb', argv: ['ip', '-o', 'addr'] },
  { tool: 'iproute2', name: 'ip-j-addr', on: 'lb', argv: ['ip', '-j', 'addr'] },
  {
    tool: 'systemd',
    name: 'systemctl-show',
    on: 'lb',
    argv: ['systemctl', 'show', 'nginx', 'keepalived', '-p', PROPERTIES],
  },
  { tool: 'systemd', name: 'systemctl-show', on: 'web', argv: ['systemctl', 'show', 'apache2', '-p', PROPERTIES] },
  { tool: 'systemd', name: 'journal-keepalived-json', on: 'lb', argv: journal('keepalived') },
  { tool: 'systemd', name: 'journal-nginx-json', on: 'lb', argv: journal('nginx') },
  { tool: 'procps', name: 'ps', on: 'lb', argv: ['ps', '-C', 'nginx,keepalived', '-o', 'pid,ppid,stat,lstart,args'] },
  { tool: 'procps', name: 'ps', on: 'web', argv: ['ps', '-C', 'apache2', '-o', 'pid,ppid,stat,lstart,args'] },
  { tool: 'keepalived', name: 'json', on: 'lb', argv: dump('JSON', '/tmp/keepalived.json') },
  { tool: 'keepalived', name: 'data', on: 'lb', argv: dump('DATA', '/tmp/keepalived.data') },
  { tool: 'keepalived', name: 'stats', on: 'lb', argv: dump('STATS', '/tmp/keepalived.stats') },
  { tool: 'nginx', name: 't', on: 'lb', argv: shell('nginx -t 2>&1') },
  { tool: 'check-script', name: 'log', on: 'lb', argv: ['tail', '-n', '20', '/etc/keepalived/check_nginx.log'] },
];

/** Asked once, in health: they do not change with the state. */
const ONCE: readonly Question[] = [
  { tool: 'nginx', name: 'T', on: 'lb', argv: shell('nginx -T 2>&1') },
  { tool: 'keepalived', name: 'version', on: 'lb', argv: shell('keepalived --version 2>&1') },
  { tool: 'keepalived', name: 'test', on: 'lb', argv: shell('keepalived -t 2>&1; echo "status $?"') },
];

/** In the tutorial's flavour only what differs there is captured: the check script's way of giving up. */
const IN_TUTORIAL = ['healthy', 'failed-over', 'nginx-broken', 'nginx-masked'];

/** How each state is brought about; all start from a healthy pair. */
const STATES: readonly (readonly [name: string, bring: () => Promise<unknown>])[] = [
  ['healthy', async () => {}],
  [
    'failed-over',
    async () => {
      await stop('keepalived', 'lb1');
      await stop('nginx', 'lb1');
      await heldBy('lb2');
    },
  ],
  [
    'no-holder',
    async () => {
      for (const name of ['lb2', 'lb1']) {
        await stop('keepalived', name);
        await stop('nginx', name);
      }
      await heldBy();
    },
  ],
  ['split-brain', () => dropVrrp().then(() => heldBy('lb1', 'lb2'))],
  ['stale-vip', () => kill9('keepalived', 'lb1').then(() => heldBy('lb1', 'lb2'))],
  [
    'nginx-broken',
    () =>
      breakNginx('lb1')
        .then(() => stop('nginx', 'lb1'))
        .then(() => heldBy('lb2')),
  ],
  ['nginx-masked', () => mask('nginx', 'lb1').then(() => heldBy('lb2'))],
  ['nginx-frozen', () => freeze('nginx', 'lb1')],
  ['keepalived-frozen', () => freeze('keepalived', 'lb1').then(() => heldBy('lb1', 'lb2'))],
  ['cable-pulled', () => cut('lb1').then(() => heldBy('lb2'))],
  ['web1-stopped', () => stop('apache2', 'web1')],
];

const heldBy = (...names: string[]): Promise<void> =>
  until(
    async () =>
      `the VIPs are on ${(await holders()).join(' and ') || 'nobody'}, not on ${names.join(' and ') || 'nobody'}`,
    async () => (await holders()).join() === names.join(),
    { within: 15_000 },
  );

/** Version of each tool as its package says, for the folder's name. */
async function versions(): Promise<Record<Tool, string>> {
  const format = '-f=${Package} ${Version}\\n';
  const ran = await inside('lb1', ['dpkg-query', '-W', format, 'iproute2', 'systemd', 'procps', 'keepalived', 'nginx']);
  const found = new Map(ran.stdout.split('\n').map((line) => line.split(' ') as [string, string]));
  const upstream = (name: string) =>
    `${name}-${found
      .get(name)
      ?.replace(/^\d+:/, '')
      .replace(/[-+~].*$/, '')}`;
  return {
    iproute2: upstream('iproute2'),
    systemd: upstream('systemd'),
    procps: upstream('procps'),
    keepalived: upstream('keepalived'),
    nginx: upstream('nginx'),
    'check-script': 'check-script',
  };
}

/**
 * Writes what the nodes' own tools say in a dozen states to `folder` (default fixtures/captured), one folder per tool
 * and version, files `<node>.<question>.<state>.txt`; the states of the tutorial's flavour begin with `tutorial-`. A tool that fails leaves its status as the last line.
 */
export async function capture(
  say: (line: string) => void,
  folder = join(REPOSITORY, 'fixtures/captured'),
): Promise<void> {
  const names = await versions();
  const put = async (tool: Tool | 'curl', file: string, text: string) => {
    const to = join(folder, tool === 'curl' ? 'curl' : names[tool]);
    await mkdir(to, { recursive: true });
    await writeFile(join(to, file), await redact(text));
  };
  const ask = async (question: Question, state: string) => {
    for (const node of question.on === 'lb' ? ['lb1', 'lb2'] : ['web1']) {
      if (!isRunning(node)) continue;
      await put(question.tool, `${node}.${question.name}.${state}.txt`, asText(await inside(node, question.argv)));
    }
  };
  const prefix = (await currentFlavour()) === 'tutorial' ? 'tutorial-' : '';
  await healAll();
  for (const question of ONCE) await ask(question, `${prefix}healthy`);
  for (const [plain, bring] of STATES) {
    if (prefix && !IN_TUTORIAL.includes(plain)) continue;
    const state = `${prefix}${plain}`;
    say(`capturing ${state}`);
    await bring();
    await sleep(1500); // keepalived's counters and the journal move on for a second or so
    for (const question of QUESTIONS) await ask(question, state);
    for (const address of [VIPS[0], addressOf('lb1'), addressOf('web1')]) {
      const ran = await onNet('client', ['curl', '-sS', '-i', '--max-time', '2', `http://${address}/`]);
      await put('curl', `client.${address}.${state}.txt`, asText(ran));
    }
    await healAll();
  }
  if (prefix) return;
  say('capturing a move there and back');
  await captureMove((node, text) => put('iproute2', `${node}.ip-ts-o-monitor-address.move-and-back.txt`, text));
}

const asText = (ran: Ran): string =>
  ran.stdout +
  (ran.code === 0 ? '' : `${ran.stderr}${ran.stderr.endsWith('\n') || !ran.stderr ? '' : '\n'}[status ${ran.code}]\n`);

async function captureMove(put: (node: string, text: string) => Promise<void>): Promise<void> {
  const watching = ['lb1', 'lb2'].map(async (node) => {
    const ran = await inside(node, ['timeout', '12', 'ip', '-ts', '-o', 'monitor', 'address'], { timeout: 20_000 });
    await put(node, ran.stdout);
  });
  await sleep(300);
  await inside('lb1', ['systemctl', 'stop', 'keepalived']);
  await heldBy('lb2');
  await inside('lb1', ['systemctl', 'start', 'keepalived']);
  await until(
    'keepalived of lb1 does not start',
    async () => (await unitState('lb1', 'keepalived'))?.active === 'active',
  );
  await heldBy('lb1');
  await Promise.all(watching);
}
