import type { Process } from '../daemon.ts';
import { ctimeText } from './date.ts';
import { failed, type Tool, type ToolResult } from './tool.ts';

type Shown = Process & { state: string; elapsed: number };
type Column = { header: string; width: number; right?: boolean; value: (process: Shown) => string };

const elapsed = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const hours = Math.floor(seconds / 3600) % 24;
  const days = Math.floor(seconds / 86_400);
  return days > 0 ? `${days}-${two(hours)}:${clock}` : hours > 0 ? `${two(hours)}:${clock}` : clock;
};

/** Columns as procps 4 prints them. */
const COLUMNS: Record<string, Column> = {
  pid: { header: 'PID', width: 7, right: true, value: ({ pid }) => String(pid) },
  ppid: { header: 'PPID', width: 7, right: true, value: ({ ppid }) => String(ppid) },
  user: { header: 'USER', width: 8, value: ({ user }) => user },
  stat: { header: 'STAT', width: 4, value: ({ state }) => state },
  lstart: { header: 'STARTED', width: 24, right: true, value: ({ started }) => ctimeText(started) },
  etime: { header: 'ELAPSED', width: 11, right: true, value: (process) => elapsed(process.elapsed) },
  etimes: { header: 'ELAPSED', width: 7, right: true, value: (process) => String(Math.floor(process.elapsed / 1000)) },
  comm: { header: 'COMMAND', width: 15, value: ({ name }) => name },
  args: { header: 'COMMAND', width: 27, value: ({ command }) => command },
  command: { header: 'COMMAND', width: 27, value: ({ command }) => command },
  cmd: { header: 'CMD', width: 27, value: ({ command }) => command },
};

/** ps(1) of procps: `-C NAMES`, `-p PIDS`, `-e`, `-o COLUMNS`, `--no-headers`, `-w`. Exit status 1 when nothing matches. */
export const ps: Tool = ({ machine }, args): ToolResult => {
  if (args.includes('--version')) return { stdout: 'ps from procps-ng 4.0.2\n', stderr: '', code: 0 };
  let names: string[] | undefined;
  let pids: number[] | undefined;
  let headers = true;
  const columns: Column[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    if (arg === '-C') names = args[++index]!.split(',');
    else if (arg === '-p') pids = args[++index]!.split(',').map(Number);
    else if (arg === '-o') {
      for (const name of (args[++index] ?? '').split(',')) {
        const [key = '', header] = name.split('=');
        const column = COLUMNS[key];
        if (!column) return failed(`error: unknown user-defined format specifier "${key}"\n\nUsage:\n ps [options]`);
        columns.push(header === undefined ? column : { ...column, header });
      }
    } else if (/^--no-?headers?$/.test(arg)) headers = false;
  }
  if (columns.length === 0) columns.push(COLUMNS.pid!, COLUMNS.comm!);
  if (columns.every((column) => column.header === '')) headers = false;
  const now = machine.clock.wall();
  const list = [...machine.units.values()]
    .flatMap((unit) =>
      unit.processes.map((process) => ({
        ...process,
        state: unit.frozen ? process.stat.replace(/^./, 'T') : process.stat,
        elapsed: now - process.started,
      })),
    )
    .filter((process) => (names?.includes(process.name) ?? true) && (pids?.includes(process.pid) ?? true))
    .sort((left, right) => left.pid - right.pid);
  const row = (text: (column: Column) => string): string =>
    `${columns
      .map((column, index) => {
        const cell = text(column);
        if (column.right) return cell.padStart(column.width);
        return index === columns.length - 1 ? cell : cell.padEnd(column.width);
      })
      .join(' ')}\n`;
  const lines = [
    ...(headers ? [row(({ header }) => header)] : []),
    ...list.map((process) => row(({ value }) => value(process))),
  ];
  return { stdout: lines.join(''), stderr: '', code: list.length > 0 ? 0 : 1 };
};
