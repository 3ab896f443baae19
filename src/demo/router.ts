import type { Advert } from './advert.ts';
import type { DemoClock } from './clock.ts';

/** State of an instance, in keepalived's words. */
export type RouterState = 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';

/** What one VRRP instance is configured with. `interval` is advert_int in ms. */
export type RouterConfig = {
  instance: string;
  address: string;
  ifname: string;
  vrid: number;
  priority: number;
  interval: number;
  nopreempt?: boolean;
  /** ms between repeated gratuitous ARP of a master (vrrp_garp_master_refresh); 0 or absent: none. */
  refresh?: number;
  /** How many VIPs it has: adverts with another number are not taken, unless `skipCheck` says so. */
  vips?: number;
  skipCheck?: boolean;
};

/** What the instance does to the world around it. */
export type RouterPorts = {
  clock: DemoClock;
  send(advert: Advert): void;
  addVips(): void;
  removeVips(): void;
  /** Gratuitous ARP for every VIP. */
  announce(): void;
  log(message: string): void;
};

/** Counters as keepalived's own statistics name them. */
export type RouterStats = {
  advert_rcvd: number;
  advert_sent: number;
  become_master: number;
  release_master: number;
  pri_zero_rcvd: number;
  pri_zero_sent: number;
};

export type Router = {
  state(): RouterState;
  effectivePriority(): number;
  /** Wall ms of the last change of state. */
  lastTransition(): number;
  stats(): RouterStats;
  start(linkUp: boolean): void;
  /** Has been in this state since `since` (wall ms), quietly: how the cluster was found. */
  settle(as: 'MASTER' | 'BACKUP', since: number): void;
  /** Graceful end: priority 0 when master, VIPs removed. */
  stop(): void;
  /** The process is gone: timers stop, VIPs stay where they are. */
  die(): void;
  freeze(): void;
  thaw(): void;
  receive(advert: Advert): void;
  link(up: boolean): void;
  /** Track script result: `weight` is added to the base priority, 0 gives it back; 'fault' is a failed script of weight 0. */
  script(effect: number | 'fault'): void;
  /** A VIP was removed from the interface by somebody else (keepalived 2.0.0 and later notice). */
  vipLost(): void;
  /** Takes new settings and keeps its state, as a reload does. The track script counts as good again. */
  reconfigure(config: RouterConfig): void;
};
