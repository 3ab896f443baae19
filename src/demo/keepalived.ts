import { masterDown } from './advert.ts';
import { createCheckScript } from './check-script.ts';
import { type Flavour, type KeepalivedSettings, readKeepalived } from './configuration.ts';
import type { Daemon } from './daemon.ts';
import type { Machine } from './machine.ts';
import { runTrackScript } from './track-script.ts';
import type { Unit } from './unit.ts';
import { createRouter, type Router } from './vrrp.ts';

export const KEEPALIVED_CONFIGURATION = '/etc/keepalived/keepalived.conf';
const VERSION = 'v2.2.7 (01/16,2022)';

/** keepalived on one machine: its unit, its VRRP instance as long as it runs, and what its own dump says. */
export type Keepalived = {
  unit: Unit;
  router(): Router | undefined;
  settings(): KeepalivedSettings;
  /** Whether the track script's last settled result is good. */
  scriptGood(): boolean;
  /** SIGKILL to the VRRP child alone: the parent starts it again. */
  killChild(): void;
  /** Has been running since `at` (wall ms), master or backup ever since: how the cluster was found. */
  found(at: number, as: 'MASTER' | 'BACKUP'): void;
  /** Writes a line as the parent (`Keepalived`) or the child (`Keepalived_vrrp`). */
  log(who: 'parent' | 'child', message: string): void;
};

const KERNEL = 'Linux 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1';
const INSECURE =
  'SECURITY VIOLATION - scripts are being executed but script_security not enabled. There are insecure scripts.';

const UNIT_FILE = `[Unit]
Description=Keepalive Daemon (LVS and VRRP)
After=network-online.target
Wants=network-online.target
ConditionFileNotEmpty=${KEEPALIVED_CONFIGURATION}

[Service]
Type=notify
EnvironmentFile=-/etc/default/keepalived
ExecStart=/usr/sbin/keepalived --dont-fork $DAEMON_ARGS
ExecReload=/bin/kill -HUP $MAINPID

[Install]
WantedBy=multi-user.target
`;

/** Installs keepalived 2.2.7 of Debian 12 on a load balancer. */
export const installKeepalived = (machine: Machine, flavour: Flavour): Keepalived => {
  const { clock, journal, lan } = machine;
  let settings = readKeepalived(machine.files.get(KEEPALIVED_CONFIGURATION)?.content ?? '');
  let router: Router | undefined;
  let endScript = (): void => {};
  let good = true;
  let childPid = 0;
  /** True while the instance itself takes VIPs off. */
  let own = false;

  const log = (who: 'parent' | 'child', message: string, at?: number): void =>
    journal.write(
      unit.id,
      who === 'parent' ? 'Keepalived' : 'Keepalived_vrrp',
      who === 'parent' ? unit.mainPid : childPid,
      message,
      at,
    );

  const checkNginx = createCheckScript(machine, flavour, () => terminate());

  const startScript = (phase?: number): (() => void) =>
    runTrackScript(
      checkNginx,
      {
        clock,
        settings: () => settings,
        frozen: () => unit.frozen,
        log: (message) => log('child', message),
        settled: (well) => {
          good = well;
          router?.script(well ? 0 : settings.weight === 0 ? 'fault' : settings.weight);
        },
      },
      phase,
    );

  const makeRouter = (): Router =>
    createRouter(
      {
        instance: 'VI_1',
        address: machine.address,
        ifname: machine.ifname,
        vrid: settings.vrid,
        priority: settings.priority,
        interval: settings.advert,
        nopreempt: settings.nopreempt,
        refresh: settings.refresh,
      },
      {
        clock,
        send: (advert) => lan.multicast(machine, advert),
        addVips: () => {
          for (const vip of settings.vips) machine.addresses.add(vip, 32);
        },
        removeVips,
        announce: () => {
          for (const vip of settings.vips) lan.announce(machine, vip);
        },
        log: (message) => log('child', message),
      },
    );

  const startChild = (): void => {
    good = true;
    router = makeRouter();
    // A fresh keepalived finds addresses that a killed one left behind, and takes them off.
    removeVips();
    router.start(machine.wire.carrier);
    endScript = startScript();
  };
  const removeVips = (): void => {
    own = true;
    for (const vip of settings.vips) machine.addresses.remove(vip);
    own = false;
  };
  const endChild = (how: 'stop' | 'die'): void => {
    endScript();
    endScript = () => {};
    router?.[how]();
    router = undefined;
  };
  /** SIGTERM from somebody else than systemd (killall): the same last words, no job. */
  const terminate = (): void => {
    if (unit.processes.length === 0) return;
    daemon.stopping();
    clock.after(daemon.stopTime, () => {
      if (unit.processes.length === 0 || unit.active !== 'active') return;
      daemon.stopped();
      unit.exited({ code: 1, status: 0, result: 'success' });
    });
  };

  const introduce = (at?: number): void => {
    log('parent', `Starting Keepalived ${VERSION}`, at);
    log('parent', `Running on ${KERNEL} (built for Linux 5.19.11)`, at);
    log('parent', "Command line: '/usr/sbin/keepalived' '--dont-fork'", at);
    log('parent', `Configuration file ${KEEPALIVED_CONFIGURATION}`, at);
    if (flavour === 'tutorial') {
      log('parent', "(Line 5) WARNING - number '0' outside range [0.000001, 4294.967295]", at);
      log('parent', "(Line 5) vrrp_garp_interval '0' is invalid", at);
    }
    log('parent', 'NOTICE: setting config option max_auto_priority should result in better keepalived performance', at);
    log('parent', `Starting VRRP child process, pid=${childPid}`, at);
    if (flavour === 'tutorial') {
      log('child', "Unsafe permissions found for script '/etc/keepalived/check_nginx.sh'.", at);
      log('child', INSECURE, at);
    }
  };

  const daemon: Daemon = {
    name: 'keepalived',
    description: 'Keepalive Daemon (LVS and VRRP)',
    startTime: 8,
    stopTime: 1010,
    frozenStopTime: 0,
    unitFile: UNIT_FILE,
    preflight: () => {
      settings = readKeepalived(machine.files.get(KEEPALIVED_CONFIGURATION)?.content ?? '');
      return settings.error ? [settings.error] : [];
    },
    processes: (nextPid, now) => {
      const pid = nextPid();
      childPid = nextPid();
      const common = { user: 'root', started: now, name: 'keepalived', command: '/usr/sbin/keepalived --dont-fork' };
      return [
        { ...common, pid, ppid: 1, stat: 'Ss' },
        { ...common, pid: childPid, ppid: pid, stat: 'S' },
      ];
    },
    started: () => {
      introduce();
      startChild();
      log('parent', 'Startup complete');
    },
    stopping: () => {
      log('parent', 'Stopping');
      endChild('stop');
    },
    stopped: () => {
      log('child', 'Stopped');
      log('parent', `Stopped Keepalived ${VERSION}`);
    },
    died: () => endChild('die'),
    freeze: (frozen) => {
      if (frozen) router?.freeze();
      else router?.thaw();
    },
    reload: () => {
      const next = readKeepalived(machine.files.get(KEEPALIVED_CONFIGURATION)?.content ?? '');
      log('parent', 'Reloading ...');
      if (next.error) {
        // Measured: it exits over the file and leaves the VIPs where they are.
        log('parent', next.error);
        log('parent', `pid ${childPid} exited with permanent error CONFIG. Terminating`);
        endChild('die');
        return { exit: 2 };
      }
      settings = next;
      router?.rebase(next.priority);
      return undefined;
    },
  };
  const unit = machine.install(daemon);

  machine.onAdvert((advert) => router?.receive(advert));
  machine.wire.onChange(() => router?.link(machine.wire.carrier));
  machine.addresses.follow((op, entry) => {
    if (op === 'delete' && !own && router && settings.vips.includes(entry.address)) {
      router.vipLost();
    }
  });
  return {
    unit,
    router: () => router,
    settings: () => settings,
    scriptGood: () => good,
    killChild: () => {
      const child = unit.processes[1];
      if (!child || unit.active !== 'active') return;
      endChild('die');
      log('parent', `pid ${child.pid} exited due to signal 9`);
      log('parent', `VRRP child process(${child.pid}) died: Respawning`);
      childPid = machine.nextPid();
      unit.processes = [unit.processes[0]!, { ...child, pid: childPid, started: clock.wall() }];
      clock.after(50, () => {
        if (unit.active === 'active' && !router) startChild();
      });
    },
    found: (at, as) => {
      unit.found(at);
      introduce(at);
      log('parent', 'Startup complete', at);
      log('child', '(VI_1) Entering BACKUP STATE (init)', at);
      log('child', 'VRRP_Script(check_nginx) succeeded', at + 14);
      const since = as === 'MASTER' ? at + masterDown(settings.priority, settings.advert) : at;
      if (as === 'MASTER') log('child', '(VI_1) Entering MASTER STATE', since);
      good = true;
      router = makeRouter();
      router.settle(as, since);
      endScript = startScript(machine.random() * settings.checkInterval);
    },
    log,
  };
};
