import { sleep } from '../clock.ts';
import { NGINX_CONFIGURATION, nginxErrors } from '../nginx.ts';
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
  const now = machine.clock.wall();
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

const nginx: Tool = ({ machine, root }, args) => {
  if (args.includes('-v')) return { stdout: '', stderr: 'nginx version: nginx/1.22.1\n', code: 0 };
  if (!args.includes('-t') && !args.includes('-T'))
    return failed('nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)');
  const errors = nginxErrors(machine);
  const pid = machine.nextPid();
  const file = `nginx: the configuration file ${NGINX_CONFIGURATION} syntax is ok\n`;
  if (errors.length > 0)
    return { stdout: '', stderr: `${errors.join('\n').replaceAll('PID', String(pid))}\n`, code: 1 };
  if (!root) {
    const stamp = formatDate(machine.clock.wall(), '%Y/%m/%d %H:%M:%S');
    const stderr = `${file}${stamp} [emerg] ${pid}#${pid}: open() "/run/nginx.pid" failed (13: Permission denied)\nnginx: configuration file ${NGINX_CONFIGURATION} test failed\n`;
    return { stdout: '', stderr, code: 1 };
  }
  const text = machine.files.get(NGINX_CONFIGURATION)?.content ?? '';
  return {
    stdout: args.includes('-T') ? `# configuration file ${NGINX_CONFIGURATION}:\n${text}\n` : '',
    stderr: `${file}nginx: configuration file ${NGINX_CONFIGURATION} test is successful\n`,
    code: 0,
  };
};

const keepalived: Tool = ({ machine }, args) => {
  if (args.includes('--version') || args.includes('-v'))
    return { stdout: '', stderr: 'Keepalived v2.2.7 (01/16,2022)\n', code: 0 };
  const signal = args.find((arg) => arg.startsWith('--signum='))?.slice(9);
  const numbers: Record<string, number> = { JSON: 36, DATA: 10, STATS: 12 };
  if (signal !== undefined)
    return signal in numbers ? printed(`${numbers[signal]}\n`) : failed(`Unknown signal ${signal}`);
  if (!args.includes('-t')) return failed('daemon is already running');
  const text = machine.files.get('/etc/keepalived/keepalived.conf')?.content ?? '';
  const lines = text.split('\n').flatMap((line, index) => {
    const found = /^\s*(vrrp_g(?:arp|na)_interval)\s+0\b/.exec(line);
    return found
      ? [
          `(Line ${index + 1}) number '0' outside range [0.000001, 4294.967295]`,
          `(Line ${index + 1}) ${found[1]} '0' is invalid`,
        ]
      : [];
  });
  const secure = /^\s*enable_script_security\b/m.test(text);
  if (!secure)
    lines.push(
      'SECURITY VIOLATION - scripts are being executed but script_security not enabled. There are insecure scripts.',
    );
  return lines.length === 0 ? printed('') : { stdout: '', stderr: `${lines.join('\n')}\n`, code: secure ? 5 : 6 };
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
  whoami: ({ root, user }) => printed(root ? 'root\n' : `${user}\n`),
  sleep: pause,
  nginx,
  keepalived,
  kill,
};
