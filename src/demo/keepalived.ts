import { masterDown } from './advert.ts';
import { createCheckScript } from './check-script.ts';
import type { Flavour } from './configuration.ts';
import type { Daemon, ReloadOutcome, StartOutcome } from './daemon.ts';
import { logOutput, type ReadFile, readKeepalivedFile } from './keepalived-conf/read.ts';
import type { KeepalivedSettings } from './keepalived-conf/settings.ts';
import type { Machine } from './machine.ts';
import { runTrackScript } from './track-script.ts';
import type { Unit } from './unit.ts';
import { createRouter, type Router, type RouterConfig } from './vrrp.ts';

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

/** How keepalived on this machine would read a file, its own unless another is named; `root`: who asks. */
export const readOn = (machine: Machine, root: boolean, path = KEEPALIVED_CONFIGURATION): ReadFile =>
  readKeepalivedFile(machine.files.get(path)?.content ?? '', {
    interfaces: ['lo', machine.ifname],
    script: machine.files.get,
    root,
  });

/** Installs keepalived 2.2.7 of Debian 12 on a load balancer. */
export const installKeepalived = (machine: Machine, flavour: Flavour): Keepalived => {
  const { clock, journal, lan } = machine;
  let file = readOn(machine, true);
  let settings = file.settings;
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

  const routerConfig = (): RouterConfig => ({
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
    createRouter(routerConfig(), {
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
    });

  const startChild = (): void => {
    good = true;
    router = makeRouter();
    // A fresh keepalived finds addresses that a killed one left behind, and takes them off.
    removeVips();
    router.start(machine.wire.carrier);
    if (settings.tracked) endScript = startScript();
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
    const takes = daemon.stopTime();
    daemon.stopping();
    clock.after(takes, () => {
      if (unit.processes.length === 0 || unit.active !== 'active') return;
      daemon.stopped();
      unit.exited({ code: 1, status: 0, result: 'success' });
    });
  };

  const tell = (reader: 'parent' | 'vrrp', at?: number, between?: string): void => {
    for (const line of logOutput(file, KEEPALIVED_CONFIGURATION, reader, between))
      log(reader === 'parent' ? 'parent' : 'child', line, at);
  };
  const introduce = (at?: number): void => {
    log('parent', `Starting Keepalived ${VERSION}`, at);
    log('parent', `Running on ${KERNEL} (built for Linux 5.19.11)`, at);
    log('parent', "Command line: '/usr/sbin/keepalived' '--dont-fork'", at);
    log('parent', `Configuration file ${KEEPALIVED_CONFIGURATION}`, at);
    tell('parent', at);
    log('parent', 'NOTICE: setting config option max_auto_priority should result in better keepalived performance', at);
    if (!settings.instance && file.end === 'runs') {
      log('parent', 'Warning - keepalived has no configuration to run', at);
      return;
    }
    log('parent', `Starting VRRP child process, pid=${childPid}`, at);
    tell('vrrp', at);
  };
  const sayStopped = (): void => log('parent', `Stopped Keepalived ${VERSION}`);
  /** The child has found that it cannot run with this file: both end, and the VIPs stay where they are. */
  const giveUp = (): void => {
    endChild('die');
    log('child', 'Stopped');
    log('parent', `pid ${childPid} exited with permanent error CONFIG. Terminating`);
    sayStopped();
  };

  const preflight = (): StartOutcome => {
    const condition = `ConditionFileNotEmpty=${KEEPALIVED_CONFIGURATION}`;
    if (!machine.files.get(KEEPALIVED_CONFIGURATION)?.content) return { kind: 'skipped', condition };
    file = readOn(machine, true);
    settings = file.settings;
    if (file.end === 'config' || file.end === 'interface') return { kind: 'exits', status: 2 };
    return { kind: file.end === 'crash' || !settings.instance ? 'hangs' : 'runs' };
  };
  /** Takes a new good file up: the processes and the state stay, what changed takes effect. */
  const takeUp = (): void => {
    const before = settings.vips;
    settings = file.settings;
    endScript();
    endScript = () => {};
    if (!settings.instance) {
      endChild('stop');
      own = true;
      for (const vip of before) machine.addresses.remove(vip);
      own = false;
      return;
    }
    if (settings.tracked) {
      good = true;
      endScript = startScript(settings.checkInterval);
    }
    for (const vip of before.filter((one) => !settings.vips.includes(one))) {
      log('child', `(VI_1) ip address ${vip}/32 dev ${machine.ifname}, no longer exist`);
      own = true;
      machine.addresses.remove(vip);
      own = false;
    }
    if (!router) {
      router = makeRouter();
      router.start(machine.wire.carrier);
    } else router.reconfigure(routerConfig());
  };
  const reload = (): ReloadOutcome => {
    file = readOn(machine, true);
    log('parent', 'Reloading ...');
    log('parent', `Configuration file ${KEEPALIVED_CONFIGURATION}`);
    tell('parent');
    log('child', 'Reloading');
    tell('vrrp', undefined, 'VRRP_Script(check_nginx) considered successful on reload');
    if (file.end === 'crash') {
      endChild('die');
      log('parent', `VRRP child process(${childPid}) died: Respawning`);
      log('parent', 'Restart of VRRP process delayed 60 seconds to limit respawn rate');
      return { kind: 'hangs' };
    }
    if (file.end !== 'runs') {
      giveUp();
      return { kind: 'exits', status: 2, late: file.end === 'interface' };
    }
    takeUp();
    log('parent', 'Reload complete');
    return { kind: 'runs' };
  };

  const daemon: Daemon = {
    name: 'keepalived',
    description: 'Keepalive Daemon (LVS and VRRP)',
    startTime: 8,
    // With an instance it waits a second before it goes; without one there is nothing to wait for.
    stopTime: () => (router ? 1010 : 15),
    reloadTime: 20,
    frozenStopTime: 0,
    unitFile: UNIT_FILE,
    preflight,
    processes: (nextPid, now) => {
      const pid = nextPid();
      childPid = nextPid();
      const common = { user: 'root', started: now, name: 'keepalived', command: '/usr/sbin/keepalived --dont-fork' };
      return [
        { ...common, pid, ppid: 1, stat: 'Ss' },
        { ...common, pid: childPid, ppid: pid, stat: 'S' },
      ];
    },
    started: (outcome) => {
      introduce();
      if (outcome.kind === 'exits') giveUp();
      if (outcome.kind !== 'runs') return;
      startChild();
      log('parent', 'Startup complete');
    },
    stopping: () => {
      log('parent', 'Stopping');
      endChild('stop');
    },
    stopped: () => {
      if (settings.instance) log('child', 'Stopped');
      sayStopped();
    },
    died: () => endChild('die'),
    freeze: (frozen) => {
      if (frozen) router?.freeze();
      else router?.thaw();
    },
    reload,
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
