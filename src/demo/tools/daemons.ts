import { readOn } from '../keepalived.ts';
import { testOutput } from '../keepalived-conf/read.ts';
import { KEEPALIVED_CONFIGURATION } from '../keepalived-words.ts';
import { NGINX_CONFIGURATION, nginxErrors } from '../nginx.ts';
import { formatDate } from './date.ts';
import { failed, printed, type Tool } from './tool.ts';

/** nginx(8) 1.22.1: `-v`, `-t`, `-T`. */
export const nginx: Tool = ({ machine, root }, args) => {
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

const VERSION = `Keepalived v2.2.7 (01/16,2022)

Copyright(C) 2001-2022 Alexandre Cassen, <acassen@gmail.com>

Built with kernel headers for Linux 5.19.11
Running on Linux 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)
Distro: Debian GNU/Linux 12 (bookworm)
`;

/** keepalived(8) 2.2.7: `--version`, `--signum`, `-t [-f FILE]`. */
export const keepalived: Tool = ({ machine, root }, args) => {
  if (args.includes('--version') || args.includes('-v')) return { stdout: '', stderr: VERSION, code: 0 };
  const signal = args.find((arg) => arg.startsWith('--signum='))?.slice(9);
  const numbers: Record<string, number> = { JSON: 36, DATA: 10, STATS: 12 };
  if (signal !== undefined)
    return signal in numbers ? printed(`${numbers[signal]}\n`) : failed(`Unknown signal ${signal}`);
  if (!args.includes('-t')) return failed('daemon is already running');
  const at = args.findIndex((arg) => arg === '-f' || arg === '--use-file');
  const path = at < 0 ? KEEPALIVED_CONFIGURATION : (args[at + 1] ?? '');
  const { files } = machine;
  if (files.isDirectory(path)) return failed(`Configuration file '${path}/' is a directory - skipping`, 0);
  const file = files.get(path);
  if (!file) return failed(`Config files missing '${path}'.`, 0);
  if (!root && !/[4-7]$/.test(file.mode)) return failed(`Unable to read configuration file ${path}`, 4);
  const read = readOn(machine, root, path);
  const stderr = testOutput(read, path).map((line) => `${line}\n`);
  return { stdout: '', stderr: stderr.join(''), code: read.status };
};
