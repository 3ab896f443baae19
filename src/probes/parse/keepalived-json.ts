import { isIP } from 'node:net';
import type { VrrpInstance, VrrpState } from '../../cluster/readings.ts';
import { plain } from '../plain.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** keepalived's vrrp_state_t: 0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT (include/vrrp.h, 2.0 to 2.4). */
const STATES: VrrpState[] = ['INIT', 'BACKUP', 'MASTER', 'FAULT'];

/** The first word of a VIP line (`172.16.249.80/32 dev host0 scope global set`) as a bare address; undefined for anything else. */
export const vipOf = (line: string): string | undefined => {
  const address = (line.trim().split(/\s+/)[0] ?? '').split('/')[0]!.toLowerCase();
  return isIP(address) ? address : undefined;
};

/**
 * keepalived's JSON dump: an array of instances, or an object with `vrrp` (json_version 2). Only what is named here is taken
 * over, so the password (`auth_data`) ends here. The dump has no word on the track scripts' result.
 */
export const parseKeepalivedJson = (text: string): Parsed<VrrpInstance[]> => {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return unparsed('keepalived’s JSON dump is cut or garbled');
  }
  const list = Array.isArray(root) ? root : get(root, 'vrrp');
  if (!Array.isArray(list)) return unparsed('keepalived’s JSON dump holds no VRRP instances');
  const instances: VrrpInstance[] = [];
  for (const item of list.slice(0, 256)) {
    const instance = instanceOf(get(item, 'data'), get(item, 'stats'));
    if (!instance.ok) return instance;
    instances.push(instance.value);
  }
  return parsed(instances);
};

const instanceOf = (data: unknown, stats: unknown): Parsed<VrrpInstance> => {
  const name = plain(String(get(data, 'iname') ?? ''), 64);
  const number = (key: string) => finite(get(data, key));
  const state = STATES[number('state') ?? -1];
  const vrid = number('vrid');
  const priority = number('base_priority');
  const interval = number('adver_int');
  if (name === '') return unparsed('keepalived’s JSON dump: an instance without a name');
  if (!state) return unparsed(`keepalived’s JSON dump: ${name} is in state ${plain(String(get(data, 'state')), 20)}`);
  if (vrid === undefined || priority === undefined || interval === undefined)
    return unparsed(`keepalived’s JSON dump: ${name} lacks VRID, priority or advert interval`);
  const vips = [get(data, 'vips'), get(data, 'evips')].flatMap((list) => (Array.isArray(list) ? list : []));
  const received = finite(get(stats, 'advert_rcvd'));
  const sent = finite(get(stats, 'advert_sent'));
  const transition = number('last_transition');
  return parsed({
    name,
    state,
    vrid,
    ifname: plain(String(get(data, 'ifp_ifname') ?? ''), 15),
    basePriority: priority,
    effectivePriority: number('effective_priority') ?? priority,
    // Some builds told microseconds; no interval is longer than 255 s.
    advertInterval: interval > 255 ? interval / 1e6 : interval,
    vips: vips.map((line) => vipOf(String(line))).filter((vip) => vip !== undefined),
    ...(received === undefined ? {} : { advertsReceived: received }),
    ...(sent === undefined ? {} : { advertsSent: sent }),
    ...(transition === undefined ? {} : { lastTransition: transition }),
  });
};

const get = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;

const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
