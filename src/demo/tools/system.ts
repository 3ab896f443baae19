import { sleep } from '../clock.ts';
import { keepalived, nginx } from './daemons.ts';
import { dateText, formatDate } from './date.ts';
import { failed, printed, type Tool, type ToolContext } from './tool.ts';

const yes: Tool = () => printed('');
const no: Tool = () => ({ stdout: '', stderr: '', code: 1 });

const echo: Tool = (_, args) => printed(args[0] === '-n' ? args.slice(1).join(' ') : `${args.join(' ')}\n`);

/** printf with %s, %d, %% and the escapes \n, \t and \\. */
const printf: Tool = (_, [format = '', ...values]) => {
  let next = 0;
  const once = (): string =>
    format.replace(/%[sd%]|\\[nt\\]/g, (part) => {
      if (part === '%%') return '%';
      if (part.startsWith('\\')) return part === '\\n' ? '\n' : part === '\\t' ? '\t' : '\\';
      next += 1;
      return values[next - 1] ?? '';
    });
  let text = once();
  while (next > 0 && next < values.length) text += once();
  return printed(text);
};

const date: Tool = ({ machine }, args) => {
  const format = args.find((arg) => arg.startsWith('+'));
  const now = machine.clock.wall() + machine.system.clock;
  return printed(`${format ? formatDate(now, format.slice(1)) : dateText(now)}\n`);
};

const uname: Tool = ({ machine }, args) =>
  printed(
    args.includes('-n')
      ? `${machine.name}\n`
      : args.includes('-a')
        ? `Linux ${machine.name} 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22) x86_64 GNU/Linux\n`
        : args.includes('-r')
          ? '6.1.0-28-amd64\n'
          : 'Linux\n',
  );

const id: Tool = ({ machine, root, user }, args) => {
  if (args.includes('-u')) return printed(root ? '0\n' : '1001\n');
  if (args.includes('-un')) return printed(root ? 'root\n' : `${user}\n`);
  if (root) return printed('uid=0(root) gid=0(root) groups=0(root)\n');
  const groups = machine.rights.journal ? `1001(${user}),4(adm)` : `1001(${user})`;
  return printed(`uid=1001(${user}) gid=1001(${user}) groups=${groups}\n`);
};

const pause: Tool = async ({ machine }, [seconds = '0']) => {
  await sleep(machine.clock, Number(seconds) * 1000);
  return printed('');
};

/** `kill [-SIGNAL] PID…`: only for the main processes the model knows. */
const kill: Tool = ({ machine, root }, args) => {
  const signal = (args[0]?.startsWith('-') ? args[0].slice(1) : 'TERM').replace(/^s?SIG|^s$/, '');
  const pids = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  for (const pid of pids) {
    const unit = [...machine.units.values()].find(({ processes }) => processes.some((process) => process.pid === pid));
    if (!unit) return failed(`kill: (${pid}) - No such process`);
    if (!root) return failed(`kill: (${pid}) - Operation not permitted`);
    if (signal === '9' || signal === 'KILL') unit.kill('main');
    else if (signal === 'STOP' || signal === '19') unit.freeze(true);
    else if (signal === 'CONT' || signal === '18') unit.freeze(false);
    else if (signal === 'HUP' || signal === '1') unit.reload();
    else if (signal === 'TERM' || signal === '15') unit.stop();
  }
  return printed('');
};

/** The demo's machines are machines. */
const detectVirt: Tool = () => ({ stdout: 'none\n', stderr: '', code: 1 });

const hostname: Tool = ({ machine }: ToolContext) => printed(`${machine.name}\n`);

/** Small tools that say something about the machine, or nothing at all. */
export const systemTools: Record<string, Tool> = {
  true: yes,
  false: no,
  ':': yes,
  sync: yes,
  echo,
  printf,
  date,
  uname,
  id,
  hostname,
  'systemd-detect-virt': detectVirt,
  // The demo's check script ends keepalived by itself; this is for who asks whether the program is there.
  killall: no,
  df: ({ machine }, args) => {
    const path = args.find((arg) => arg.startsWith('/')) ?? '/';
    const isFull = machine.files.obstacle(path) === 'No space left on device';
    const row = isFull ? '20134592 20134592        0     100%' : ' 20134592  6310448 12775984      34%';
    return printed(`Filesystem     1024-blocks     Used Available Capacity Mounted on\n/dev/vda1         ${row} /\n`);
  },
  whoami: ({ root, user }) => printed(root ? 'root\n' : `${user}\n`),
  sleep: pause,
  nginx,
  keepalived,
  kill,
};
