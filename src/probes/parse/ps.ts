import type { Process } from '../../cluster/readings.ts';
import { plain } from '../plain.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** A process with the name the kernel knows it by (at most 15 characters). */
export type NamedProcess = Process & { name: string };

/** `lstart` is five words under one heading. */
const WIDTH: Record<string, number> = { STARTED: 5 };
const NAME = new Set(['COMMAND', 'COMM', 'CMD', 'ARGS']);

/**
 * `ps -o pid,ppid,stat,comm,args` of procps, or what busybox has instead: read by its headings. The last column is the
 * command line; a column of that kind before it is the name, else the name is taken from the command line.
 * A heading without a line is the answer "no such process".
 */
export const parsePs = (text: string): Parsed<NamedProcess[]> => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const headings = lines.shift()?.trim().split(/\s+/) ?? [];
  const last = headings.length - 1;
  if (!headings.includes('PID') || !NAME.has(headings[last]!))
    return unparsed(`ps: ${plain(headings.join(' '), 80) || 'nothing'}`, 'haconsole reads procps and busybox ps');
  const processes: NamedProcess[] = [];
  for (const line of lines) {
    const one = parseLine(line, headings);
    if (!one) return unparsed(`ps: ${plain(line, 80)}`);
    processes.push(one);
  }
  return parsed(processes);
};

const parseLine = (line: string, headings: string[]): NamedProcess | undefined => {
  const columns = new Map<string, string>();
  let rest = line.trim();
  for (const [index, heading] of headings.entries()) {
    const words = WIDTH[heading] ?? 1;
    const final = index === headings.length - 1;
    const match = final ? [rest, rest] : new RegExp(`^((?:\\S+\\s+){${words - 1}}\\S+)(?:\\s+|$)`).exec(rest);
    if (!match) return undefined;
    columns.set(final ? 'command' : NAME.has(heading) ? 'name' : heading, match[1]!.trim());
    rest = rest.slice(match[0]!.length);
  }
  const pid = columns.get('PID') ?? '';
  const ppid = columns.get('PPID') ?? '0';
  const stat = columns.get('STAT') ?? columns.get('S') ?? '?';
  if (!/^\d{1,10}$/.test(pid) || !/^\d{1,10}$/.test(ppid) || !/^[A-Z?][\w<+?]{0,9}$/.test(stat)) return undefined;
  const command = plain(columns.get('command') ?? '', 200);
  return {
    pid: Number(pid),
    ppid: Number(ppid),
    stat,
    command,
    name: plain(columns.get('name') ?? nameIn(command), 40),
  };
};

/** `nginx: worker process` → nginx, `/usr/sbin/keepalived --dont-fork` → keepalived, `{httpd} …` (busybox) → httpd. */
const nameIn = (command: string): string => {
  const first = command.split(' ')[0] ?? '';
  return (
    first
      .replace(/:$/, '')
      .replace(/^[{[](.*)[}\]]$/, '$1')
      .split('/')
      .at(-1) ?? ''
  );
};
