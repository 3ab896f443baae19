import type { VrrpInstance, VrrpState } from '../../cluster/readings.ts';
import { plain } from '../plain.ts';
import { vipOf } from './keepalived-json.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** The line between the DATA and the STATS dump. */
export const STATS_MARK = '---STATS---';

type Section = { kind: string; name: string; lines: string[] };

/** ` VRRP Instance = VI_1` opens a section; so does `------< Interfaces >------`. What follows belongs to it. */
const sections = (text: string): Section[] => {
  const all: Section[] = [];
  for (const line of text.split('\n')) {
    const open = /^ ?(VRRP Instance|VRRP Script|VRRP Sync Group)\s*[=:]\s*(\S.*)$/.exec(line);
    if (open) all.push({ kind: open[1]!, name: plain(open[2]!, 64), lines: [] });
    else if (/^-+</.test(line)) all.push({ kind: '', name: '', lines: [] });
    else all.at(-1)?.lines.push(line);
  }
  return all;
};

/** The value of the first of these keys (`Interface = host0`, `Listening device    = ens33`). */
const entry = (section: Section, ...keys: string[]): string | undefined => {
  for (const line of section.lines) {
    const at = line.indexOf('=');
    if (at > 0 && keys.includes(line.slice(0, at).trim())) return line.slice(at + 1).trim();
  }
  return undefined;
};

/** The lines under a heading such as `Virtual IP (3):` or `Virtual IP = 3`, as long as `take` knows them. */
const under = (section: Section, heading: RegExp, take: (line: string) => string | undefined): string[] => {
  const found: string[] = [];
  let inside = false;
  for (const line of section.lines) {
    const value = inside ? take(line) : undefined;
    if (value !== undefined) found.push(value);
    else inside = heading.test(line);
  }
  return found;
};

const STATES: Record<string, VrrpState> = { MASTER: 'MASTER', BACKUP: 'BACKUP', FAULT: 'FAULT', INIT: 'INIT' };

/**
 * keepalived's DATA dump and, after `---STATS---`, its STATS dump: what versions without JSON offer (1.2 to 2.4). The line
 * with the password is never looked at.
 */
export const parseKeepalivedData = (text: string): Parsed<VrrpInstance[]> => {
  const [data = '', stats] = text.split(new RegExp(`^${STATS_MARK}$`, 'm'));
  if (!/^-+< VRRP Topology >-+$/m.test(data)) return unparsed('keepalived’s DATA dump holds no VRRP topology');
  const all = sections(data);
  const scripts = new Map(
    all.filter(({ kind }) => kind === 'VRRP Script').map((section) => [section.name, entry(section, 'Status') ?? '']),
  );
  const counters = stats === undefined ? undefined : sections(stats);
  const instances: VrrpInstance[] = [];
  for (const section of all.filter(({ kind }) => kind === 'VRRP Instance')) {
    const instance = instanceOf(section, scripts, counters);
    if (!instance.ok) return instance;
    instances.push(instance.value);
  }
  return parsed(instances);
};

const instanceOf = (
  section: Section,
  scripts: Map<string, string>,
  counters: Section[] | undefined,
): Parsed<VrrpInstance> => {
  const { name } = section;
  const state = STATES[(entry(section, 'State') ?? '').split(/[ /]/)[0]!];
  const vrid = integer(entry(section, 'Virtual Router ID'));
  const priority = integer(entry(section, 'Base priority', 'Priority'));
  const interval = seconds(entry(section, 'Advert interval'));
  if (!state)
    return unparsed(`keepalived’s DATA dump: ${name} is in state ${plain(entry(section, 'State') ?? '?', 20)}`);
  if (vrid === undefined || priority === undefined || interval === undefined)
    return unparsed(`keepalived’s DATA dump: ${name} lacks VRID, priority or advert interval`);
  const transition = Number.parseFloat(entry(section, 'Last transition') ?? '');
  const tracked = under(
    section,
    /^\s*Tracked scripts\s*(?:=.*|\(\d+\))?:?\s*$/,
    (line) => /^\s{4,}(\S+?),?\s+weight\b/.exec(line)?.[1],
  ).map((script) => scripts.get(script) ?? '');
  const count = counters?.find((one) => one.kind === 'VRRP Instance' && one.name === name);
  return parsed({
    name,
    state,
    vrid,
    ifname: plain(entry(section, 'Interface', 'Listening device', 'Running on device') ?? '', 15),
    basePriority: priority,
    effectivePriority: integer(entry(section, 'Effective priority')) ?? priority,
    advertInterval: interval,
    vips: under(section, /^\s*Virtual IP(?:v6)?(?: Excluded)?\s*(?:\(\d+\):|= ?\d+)\s*$/i, vipOf),
    ...(count ? advertsOf(count) : {}),
    ...(Number.isFinite(transition) && transition > 0 ? { lastTransition: transition } : {}),
    ...goodness(tracked),
  });
};

const goodness = (statuses: string[]): { scriptsGood?: boolean } => {
  if (statuses.some((status) => status.startsWith('BAD'))) return { scriptsGood: false };
  return statuses.length > 0 && statuses.every((status) => status.startsWith('GOOD')) ? { scriptsGood: true } : {};
};

/** `Received` comes again under `Priority Zero`: the first one, under `Advertisements`, is meant. */
const advertsOf = ({ lines }: Section): { advertsReceived?: number; advertsSent?: number } => {
  const start = lines.findIndex((line) => /^\s*Advertisements:/.test(line));
  const value = (key: string) =>
    start < 0
      ? undefined
      : integer(
          new RegExp(`^\\s*${key}:\\s*(\\d+)`).exec(
            lines.slice(start + 1, start + 3).find((line) => line.trim().startsWith(key)) ?? '',
          )?.[1],
        );
  const received = value('Received');
  const sent = value('Sent');
  return {
    ...(received === undefined ? {} : { advertsReceived: received }),
    ...(sent === undefined ? {} : { advertsSent: sent }),
  };
};

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** `1 sec`, `100 milli-sec`, `0.5 sec`. */
const seconds = (text: string | undefined): number | undefined => {
  const match = /^(\d{1,6}(?:\.\d{1,9})?)\s*(sec|milli-sec|msec)?/.exec(text ?? '');
  if (!match) return undefined;
  return match[2]?.startsWith('m') ? Number(match[1]) / 1000 : Number(match[1]);
};
