import type { Advert } from './advert.ts';
import { createCheckScript } from './check-script.ts';
import type { Flavour } from './configuration.ts';
import type { KeepalivedSettings } from './keepalived-conf/settings.ts';
import type { Machine } from './machine.ts';
import type { Router, RouterConfig } from './router.ts';
import { runTrackScript } from './track-script.ts';
import { createRouter } from './vrrp.ts';

/** keepalived's VRRP process: the one instance with its VIPs, and the script that it tracks. */
export type VrrpChild = {
  router(): Router | undefined;
  settings(): KeepalivedSettings;
  /** Whether the track script's last settled result is good. */
  scriptGood(): boolean;
  /** What will be run by the next `start`. */
  prepare(settings: KeepalivedSettings): void;
  start(): void;
  /** Has been running since `since` (wall ms): how the cluster was found. */
  settle(as: 'MASTER' | 'BACKUP', since: number): void;
  /** Takes new settings up as a reload does: the state stays, what changed takes effect. */
  takeUp(settings: KeepalivedSettings): void;
  /** `stop` says goodbye and takes the VIPs off, `die` leaves them. */
  end(how: 'stop' | 'die'): void;
};

/** What the process needs of the rest of keepalived. */
export type ChildPorts = {
  log(message: string): void;
  frozen(): boolean;
  /** The tutorial's check script has given up: SIGTERM to all of keepalived. */
  killed(): void;
};

/** A VRRP process that does not run yet. */
export const createChild = (
  machine: Machine,
  flavour: Flavour,
  initial: KeepalivedSettings,
  { log, frozen, killed }: ChildPorts,
): VrrpChild => {
  const { clock, lan, addresses } = machine;
  let settings = initial;
  let router: Router | undefined;
  let endScript = (): void => {};
  let good = true;
  /** True while the process itself takes VIPs off. */
  let own = false;
  const checkNginx = createCheckScript(machine, flavour, killed);

  const startScript = (phase?: number): (() => void) =>
    runTrackScript(
      checkNginx,
      {
        clock,
        settings: () => settings,
        frozen,
        log,
        settled: (well) => {
          good = well;
          router?.script(well ? 0 : settings.weight === 0 ? 'fault' : settings.weight);
        },
      },
      phase,
    );
  const remove = (vips: readonly string[]): void => {
    own = true;
    for (const vip of vips) addresses.remove(vip);
    own = false;
  };
  const config = (): RouterConfig => ({
    instance: 'VI_1',
    address: machine.address,
    ifname: machine.ifname,
    vrid: settings.vrid,
    priority: settings.priority,
    interval: settings.advert,
    nopreempt: settings.nopreempt,
    refresh: settings.refresh,
    vips: settings.vips.length,
    skipCheck: settings.skipCheck,
  });
  const makeRouter = (): Router =>
    createRouter(config(), {
      clock,
      send: (advert: Advert) => lan.multicast(machine, advert),
      addVips: () => {
        for (const vip of settings.vips) addresses.add(vip, 32);
      },
      removeVips: () => remove(settings.vips),
      announce: () => {
        for (const vip of settings.vips) lan.announce(machine, vip);
      },
      log,
    });
  const start = (): void => {
    good = true;
    router = makeRouter();
    // A fresh keepalived finds addresses that a killed one left behind, and takes them off.
    remove(settings.vips);
    router.start(machine.wire.carrier);
    if (settings.tracked) endScript = startScript();
  };
  const end = (how: 'stop' | 'die'): void => {
    endScript();
    endScript = () => {};
    router?.[how]();
    router = undefined;
  };

  machine.onAdvert((advert) => router?.receive(advert));
  machine.wire.onChange(() => router?.link(machine.wire.carrier));
  addresses.follow((op, entry) => {
    if (op === 'delete' && !own && settings.vips.includes(entry.address)) router?.vipLost();
  });
  return {
    router: () => router,
    settings: () => settings,
    scriptGood: () => good,
    prepare: (next) => {
      settings = next;
    },
    start,
    settle: (as, since) => {
      good = true;
      router = makeRouter();
      router.settle(as, since);
      endScript = startScript(machine.random() * settings.checkInterval);
    },
    takeUp: (next) => {
      const before = settings.vips;
      endScript();
      endScript = () => {};
      if (!next.instance) {
        end('stop');
        settings = next;
        return;
      }
      settings = next;
      if (settings.tracked) {
        good = true;
        endScript = startScript(settings.checkInterval);
      }
      for (const vip of before.filter((one) => !settings.vips.includes(one))) {
        log(`(VI_1) ip address ${vip}/32 dev ${machine.ifname}, no longer exist`);
        remove([vip]);
      }
      if (router) router.reconfigure(config());
      else {
        router = makeRouter();
        router.start(machine.wire.carrier);
      }
    },
    end,
  };
};
