/** What keepalived takes from its configuration file. */
export type KeepalivedSettings = {
  /** There is an instance to run. */
  instance: boolean;
  priority: number;
  vrid: number;
  /** ms */
  advert: number;
  weight: number;
  /** ms */
  checkInterval: number;
  fall: number;
  rise: number;
  nopreempt: boolean;
  /** vrrp_garp_master_refresh, ms; 0: none. */
  refresh: number;
  vips: string[];
  /** An `authentication` block is there. */
  auth: boolean;
  /** vrrp_skip_check_adv_addr: adverts with another number of VIPs are taken as well. */
  skipCheck: boolean;
  /** The check script is run and its result counts. */
  tracked: boolean;
};

/** keepalived's defaults. */
export const defaultSettings = (): KeepalivedSettings => ({
  instance: false,
  priority: 100,
  vrid: 0,
  advert: 1000,
  weight: 0,
  checkInterval: 1000,
  fall: 1,
  rise: 1,
  nopreempt: false,
  refresh: 0,
  vips: [],
  auth: false,
  skipCheck: false,
  tracked: false,
});
