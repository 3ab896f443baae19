import type { JournalEntry } from '../journal.ts';
import type { Machine } from '../machine.ts';
import { shortText } from './date.ts';
import { SYSTEMD_VERSION } from './systemctl-verbs.ts';
import { type Follower, printed, type Tool, type ToolContext, type ToolResult } from './tool.ts';

type Query = {
  units: string[];
  count: number | undefined;
  output: string;
  after: string | undefined;
  since: number;
  reverse: boolean;
};

const parse = (args: readonly string[]): Query => {
  const query: Query = { units: [], count: undefined, output: 'short', after: undefined, since: 0, reverse: false };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    const [name, inline] = arg.startsWith('--') ? arg.split(/=(.*)/s) : [arg.slice(0, 2), arg.slice(2) || undefined];
    const value = (): string => inline ?? args[++index] ?? '';
    if (name === '-u' || name === '--unit') {
      const unit = value();
      query.units.push(/\.[a-z]+$/.test(unit) ? unit : `${unit}.service`);
    } else if (name === '-n' || name === '--lines') {
      const text = value();
      query.count = text === 'all' ? undefined : Number(text);
    } else if (name === '-o' || name === '--output') query.output = value();
    else if (name === '--after-cursor') query.after = value();
    else if (name === '-r' || name === '--reverse') query.reverse = true;
    else if (name === '--since' || name === '-S') {
      const text = value();
      query.since = text.startsWith('@') ? Number(text.slice(1)) * 1000 : Date.parse(`${text}Z`) || 0;
    }
  }
  return query;
};

const PRIORITY = '6';

const json = (machine: Machine, entry: JournalEntry): string => {
  const micros = String(Math.round(entry.at * 1000));
  const monotonic = String(Math.max(0, Math.round((entry.at - machine.boot()) * 1000)));
  const unit = entry.bySystemd
    ? {
        UNIT: entry.unit,
        _SYSTEMD_UNIT: 'init.scope',
        _COMM: 'systemd',
        _TRANSPORT: 'journal',
        _CMDLINE: '/usr/lib/systemd/systemd',
      }
    : {
        _SYSTEMD_UNIT: entry.unit,
        _COMM: entry.unit.replace(/\.service$/, ''),
        _TRANSPORT: 'syslog',
        SYSLOG_PID: String(entry.pid),
        SYSLOG_TIMESTAMP: `${shortText(entry.at)} `,
      };
  return JSON.stringify({
    __CURSOR: entry.cursor,
    __REALTIME_TIMESTAMP: micros,
    __MONOTONIC_TIMESTAMP: monotonic,
    _BOOT_ID: machine.journal.bootId,
    _MACHINE_ID: machine.journal.machineId,
    _HOSTNAME: machine.name,
    PRIORITY,
    SYSLOG_FACILITY: '3',
    SYSLOG_IDENTIFIER: entry.identifier,
    _PID: String(entry.pid),
    _UID: '0',
    _GID: '0',
    ...unit,
    _SOURCE_REALTIME_TIMESTAMP: micros,
    MESSAGE: entry.message,
  });
};

const format = (machine: Machine, entry: JournalEntry, output: string): string => {
  const rest = `${machine.name} ${entry.identifier}[${entry.pid}]: ${entry.message}`;
  switch (output) {
    case 'json':
      return json(machine, entry);
    case 'cat':
      return entry.message;
    case 'short-precise':
      return `${shortText(entry.at, true)} ${rest}`;
    case 'short-iso':
      return `${new Date(entry.at).toISOString().slice(0, 19)}+0000 ${rest}`;
    case 'short-iso-precise':
      return `${new Date(entry.at).toISOString().slice(0, 19)}.${shortText(entry.at, true).slice(-6)}+0000 ${rest}`;
    case 'short-unix':
      return `${(entry.at / 1000).toFixed(6)} ${rest}`;
    default:
      return `${shortText(entry.at)} ${rest}`;
  }
};

/** As an account without the right sees it: nothing, and the reason on stderr (systemd 252). */
const denied: ToolResult = {
  stdout: '',
  stderr: [
    'Hint: You are currently not seeing messages from other users and the system.',
    "      Users in groups 'adm', 'systemd-journal' can see all messages.",
    '      Pass -q to turn off this notice.',
    'No journal files were opened due to insufficient permissions.',
    '',
  ].join('\n'),
  code: 1,
};

const readable = ({ machine, root }: ToolContext): boolean => root || machine.rights.journal;
const matches = (query: Query, entry: JournalEntry): boolean =>
  (query.units.length === 0 || query.units.includes(entry.unit)) && entry.at >= query.since;

/** The entries a query means, oldest first. */
const select = (machine: Machine, query: Query): JournalEntry[] => {
  const all = machine.journal.entries();
  const after = query.after === undefined ? -1 : all.findIndex((entry) => entry.cursor === query.after);
  const found = all.slice(after + 1).filter((entry) => matches(query, entry));
  return query.count === undefined ? found : query.count === 0 ? [] : found.slice(-query.count);
};

/** journalctl(1): the units' entries in the formats that are read. */
export const journalctl: Tool = (context, args) => {
  if (args.includes('--version')) return printed(SYSTEMD_VERSION);
  if (!readable(context)) return denied;
  const query = parse(args);
  const found = select(context.machine, query);
  if (query.reverse) found.reverse();
  if (found.length === 0 && query.output !== 'json') return printed('-- No entries --\n');
  return printed(found.map((entry) => `${format(context.machine, entry, query.output)}\n`).join(''));
};

/** journald tells its followers late: 250 ms and some slack (measured 369–396 ms). */
const NOTIFICATION = 370;

/** `journalctl -f`. */
export const journalFollow: Follower = (context, args, emit, end) => {
  const { machine } = context;
  if (!readable(context)) {
    for (const line of denied.stderr.trimEnd().split('\n')) emit(line);
    return machine.clock.after(0, () => end(1));
  }
  const query = parse(args);
  for (const entry of select(machine, { ...query, count: query.count ?? 10 }))
    emit(format(machine, entry, query.output));
  let pending: JournalEntry[] = [];
  let cancel = (): void => {};
  const unfollow = machine.journal.follow((entry) => {
    if (!matches(query, entry)) return;
    pending.push(entry);
    if (pending.length > 1) return;
    cancel = machine.clock.after(NOTIFICATION, () => {
      const entries = pending;
      pending = [];
      for (const one of entries) emit(format(machine, one, query.output));
    });
  });
  return () => {
    unfollow();
    cancel();
  };
};
