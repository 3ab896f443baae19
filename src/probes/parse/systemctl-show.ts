import type { Unit } from '../../cluster/readings.ts';
import { plain } from '../plain.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** systemd's own words (unit_active_state_table, unit_load_state_table of systemd 219 to 257). */
const ACTIVE = 'active reloading inactive failed activating deactivating maintenance refreshing'.split(' ');
const LOAD = 'stub loaded not-found bad-setting error merged masked'.split(' ');

/** One unit and all names it answers to (an alias shows another `Id` than the one asked for). */
export type ShownUnit = { unit: Unit; names: string[] };

/** The properties of one unit. */
export type Block = Map<string, string>;

/** A block ends at a blank line, or where a property comes for the second time. */
export const blocks = (text: string): Block[] => {
  const all: Block[] = [];
  let block: Block | undefined;
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z][A-Za-z0-9]{0,63})=(.*)$/.exec(line);
    if (!match) {
      if (line.trim() === '') block = undefined;
      continue;
    }
    const [, key = '', value = ''] = match;
    if (!block || block.has(key)) {
      block = new Map();
      all.push(block);
    }
    block.set(key, value);
  }
  return all;
};

/** Seconds since the unit entered the state it is in, by the node's monotonic clock. */
const ageOf = (block: Block, active: string, uptime: number | undefined): number | undefined => {
  const stamp =
    active === 'active'
      ? 'ActiveEnterTimestampMonotonic'
      : active === 'inactive' || active === 'failed'
        ? 'InactiveEnterTimestampMonotonic'
        : 'StateChangeTimestampMonotonic';
  const since = Number(block.get(stamp) || block.get('StateChangeTimestampMonotonic') || 0) / 1e6;
  if (uptime === undefined || !Number.isFinite(since) || since <= 0) return undefined;
  const age = uptime - since;
  // A container may be shown an uptime of its own: no age is better than a wrong one. One clock tick is rounding.
  return age < -0.1 ? undefined : Math.max(0, age);
};

const unitOf = (block: Block, uptime: number | undefined): Parsed<ShownUnit> => {
  const word = (key: string) => block.get(key) ?? '';
  const id = word('Id');
  const active = word('ActiveState');
  const load = word('LoadState') || 'loaded';
  if (!/^[\w@.:\\-]{1,255}$/.test(id)) return unparsed(`systemctl show: a unit without an Id: ${plain(id, 60)}`);
  if (!ACTIVE.includes(active)) return unparsed(`systemctl show ${id}: ActiveState=${plain(active, 40)}`);
  if (!LOAD.includes(load)) return unparsed(`systemctl show ${id}: LoadState=${plain(load, 40)}`);
  const restarts = /^\d{1,15}$/.test(word('NRestarts')) ? Number(word('NRestarts')) : undefined;
  const age = ageOf(block, active, uptime);
  const unit: Unit = {
    id,
    load,
    file: plain(word('UnitFileState'), 40),
    active,
    sub: plain(word('SubState'), 40),
    result: plain(word('Result'), 40),
    mainPid: /^\d{1,10}$/.test(word('MainPID')) ? Number(word('MainPID')) : 0,
    ...(restarts === undefined ? {} : { restarts }),
    ...(age === undefined ? {} : { age }),
  };
  return parsed({ unit, names: [...new Set([id, ...word('Names').split(' ').filter(Boolean)])] });
};

/**
 * `systemctl show -p … UNIT…` (systemd 219 and later): blocks of `Key=value` in systemd's own order, keys it does not know
 * simply absent. `uptime` is the first field of the node's /proc/uptime, read in the same moment.
 */
export const parseSystemctlShow = (text: string, uptime?: number): Parsed<ShownUnit[]> => {
  const shown: ShownUnit[] = [];
  for (const block of blocks(text)) {
    const unit = unitOf(block, uptime);
    if (!unit.ok) return unit;
    shown.push(unit.value);
  }
  return shown.length > 0 ? parsed(shown) : unparsed(`systemctl show: ${plain(text, 80) || 'nothing'}`);
};
