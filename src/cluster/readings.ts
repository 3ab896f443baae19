import type { RestoreTimer } from './action.ts';
import type { Reading } from './failure.ts';
import type { ServiceName } from './topology.ts';

/** One IP address on one interface, as `ip -o addr show` tells it. */
export type Address = { ifname: string; address: string; prefix: number; family: 4 | 6; scope: string };

/** One systemd unit, as `systemctl show` tells it. Strings are systemd's own words. */
export type Unit = {
  id: string;
  load: string;
  /** `enabled`, `disabled`, `masked`, …; empty when systemd does not say. */
  file: string;
  active: string;
  sub: string;
  result: string;
  mainPid: number;
  /** Absent before systemd 235. */
  restarts?: number;
  /** Seconds since the unit entered its present state, by the node's monotonic clock; absent when unreadable. */
  age?: number;
};

/** One process of a service. `stat` is ps's: first letter T = frozen, Z = zombie, D = waiting for the disk. */
export type Process = { pid: number; ppid: number; stat: string; command: string };

/** What one service looks like on one node. */
export type ServiceReading = { unit: Reading<Unit>; processes: Reading<Process[]> };

/** The tail of the check log. `size` and `mtime` (node clock, s) tell whether it grew. */
export type CheckLog = { lines: string[]; size: number; mtime: number };

/** The node's clock against ours: `offset` = node − console in ms, true within ± `error` ms. */
export type ClockReading = { offset: number; error: number };

/** One look at a node: everything that is cheap enough to read every interval. */
export type Snapshot = {
  addresses: Reading<Address[]>;
  services: Partial<Record<ServiceName, ServiceReading>>;
  checkLog?: Reading<CheckLog>;
  clock?: ClockReading;
  /** The restore timer that is armed on this node; null: none is. */
  restore?: Reading<RestoreTimer | null>;
};

export type VrrpState = 'MASTER' | 'BACKUP' | 'FAULT' | 'INIT';

/** One VRRP instance as keepalived's own dump (JSON or DATA) tells it. The password is dropped in the parser. */
export type VrrpInstance = {
  name: string;
  state: VrrpState;
  vrid: number;
  ifname: string;
  basePriority: number;
  effectivePriority: number;
  /** Advert interval in seconds. */
  advertInterval: number;
  vips: string[];
  /** Adverts since keepalived started; absent when the dump has no counters. */
  advertsReceived?: number;
  advertsSent?: number;
  /** Node clock, seconds since the epoch. */
  lastTransition?: number;
  /** `true` when every track script is GOOD, `false` when one is not, absent when the dump does not say. */
  scriptsGood?: boolean;
};

/** What the nodes' own configuration files say; only what haconsole uses, never secrets. */
export type NodeConfiguration = {
  instances: {
    name: string;
    vrid: number;
    priority: number;
    advertInterval: number;
    ifname: string;
    vips: string[];
    state?: string;
    nopreempt: boolean;
  }[];
  /** Check script interval in seconds, when a track script is set. */
  checkInterval?: number;
  /** How a failed check script works on the priority; absent: no track script is set. `weight` 0: the instance goes to FAULT. */
  check?: { weight: number; fall: number };
  /** Upstream servers as `address:port`. */
  upstream: string[];
};
