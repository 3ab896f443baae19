import type { RestoreTimer } from '../../cluster/action.ts';
import { readBy } from '../../cluster/restore-by.ts';
import { plain } from '../plain.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';
import { type Block, blocks } from './systemctl-show.ts';

/**
 * The one transient unit that restores a node (`actions/catalog.ts` names it): `.service` starts what ran, `.timer` waits. To be asked
 * for in this order and last: the agent drops blank lines, and a timer has other properties than the services before it.
 */
export const RESTORE_UNITS = ['haconsole-restore.service', 'haconsole-restore.timer'] as const;

/** Seconds of systemd's units of time (format_timespan of systemd 219 to 257; a month is a twelfth of 365.25 days). */
const SECONDS: Record<string, number> = {
  y: 31_557_600,
  month: 2_629_800,
  w: 604_800,
  d: 86_400,
  h: 3600,
  min: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
};

/** Seconds in a time span as systemd prints it (`1d 3h 32min 47.534958s`); undefined for `infinity` and for what is none. */
export const spanSeconds = (text: string): number | undefined => {
  const parts = text.split(' ').map((part) => /^(\d{1,15}(?:\.\d{1,6})?)(y|month|w|d|h|min|s|ms|us)$/.exec(part));
  let sum = 0;
  for (const part of parts) {
    if (!part) return undefined;
    sum += Number(part[1]) * (SECONDS[part[2] ?? ''] ?? Number.NaN);
  }
  return sum;
};

/** The uptime that was read and the timer's own times may differ by this much, s. */
const SLACK = 2;

/** The last command of a drill's restore: a shell takes back what else was done before it. systemd may quote its text. */
const atTheEnd = (command: string): string =>
  /^(?:\/usr)?\/bin\/sh -c "?(?:.{1,4000}; )?(systemctl start [^;"]*)"?$/.exec(command)?.[1] ?? command;

/** What `systemctl start` in an ExecStart= is given, alone or at the end of a drill's restore; undefined where it is another command. */
const startedUnits = (exec: string): string[] | undefined => {
  const argv = atTheEnd(/ argv\[\]=(.*?) ; ignore_errors=/.exec(exec)?.[1] ?? '').split(' ');
  const [tool = '', verb, ...units] = argv;
  const fine = /(^|\/)systemctl$/.test(tool) && verb === 'start' && units.length > 0 && units.length <= 8;
  return fine && units.every((unit) => /^[\w@.:-]{1,120}$/.test(unit)) ? units : undefined;
};

/** Only timers have this property, so it needs no block around it. */
const nextElapse = (text: string): number | undefined =>
  spanSeconds(/^NextElapseUSecMonotonic=(.*)$/m.exec(text)?.[1] ?? '');

const leftOf = (text: string, timer: Block, service: Block, uptime: number | undefined): number | undefined => {
  // It has fired and what it starts is still starting.
  if (['active', 'activating'].includes(service.get('ActiveState') ?? '')) return 0;
  const next = nextElapse(text);
  const armed = Number(timer.get('ActiveEnterTimestampMonotonic') ?? Number.NaN) / 1e6;
  if (next === undefined || uptime === undefined) return undefined;
  const left = next - uptime;
  // A container may be shown an uptime of its own: no time is better than a wrong one.
  return left < -SLACK || left > next - armed + SLACK ? undefined : Math.max(0, left);
};

/**
 * The restore timer in the output of `systemctl show -p … haconsole-restore.service haconsole-restore.timer`, whatever other units
 * stand before them; null: none is armed. `uptime` as for the other units. Before systemd 229 a timer that has fired stays loaded
 * (`elapsed`): it is not armed any more.
 */
export const parseRestoreTimer = (text: string, uptime?: number): Parsed<RestoreTimer | null> => {
  const all = blocks(text);
  const [service, timer] = RESTORE_UNITS.map((id) => all.find((block) => block.get('Id') === id));
  if (!timer || !service) return unparsed(`systemctl show left out ${RESTORE_UNITS[service ? 1 : 0]}`);
  const active = timer.get('ActiveState');
  if (active !== 'active' && active !== 'inactive' && active !== 'failed')
    return unparsed(`systemctl show ${RESTORE_UNITS[1]}: ActiveState=${plain(active ?? '', 40)}`);
  if (active !== 'active' || timer.get('SubState') === 'elapsed') return parsed(null);
  const units = startedUnits(service.get('ExecStart') ?? '');
  if (!units) return unparsed(`${RESTORE_UNITS[1]} starts something else than services`);
  const left = leftOf(text, timer, service, uptime);
  if (left === undefined) return unparsed(`${RESTORE_UNITS[1]} is armed, but when it fires cannot be told`);
  return parsed({ left, units, by: readBy(plain(timer.get('Description') ?? '', 100)) });
};
