import { masterDown } from './advert.ts';
import type { Flavour } from './configuration.ts';
import type { Daemon, ReloadOutcome, StartOutcome } from './daemon.ts';
import { createChild } from './keepalived-child.ts';
import { type ReadFile, readKeepalivedFile } from './keepalived-conf/read.ts';
import type { KeepalivedSettings } from './keepalived-conf/settings.ts';
import { introduction, KEEPALIVED_CONFIGURATION, rereading, UNIT_FILE, VERSION } from './keepalived-words.ts';
import type { Machine } from './machine.ts';
import type { Router } from './router.ts';
import type { Unit } from './unit.ts';

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

/** How keepalived on this machine would read a file, its own unless another is named; `root`: who asks. */
export const readOn = (machine: Machine, root: boolean, path = KEEPALIVED_CONFIGURATION): ReadFile =>
  readKeepalivedFile(machine.files.get(path)?.content ?? '', {
    interfaces: ['lo', machine.ifname],
    script: machine.files.get,
    root,
  });

/** With an instance it waits a second before it goes; without one there is nothing to wait for (measured), ms. */
const FAREWELL = { instance: 1010, nothing: 15 };

/** Installs keepalived 2.2.7 of Debian 12 on a load balancer. */
export const installKeepalived = (machine: Machine, flavour: Flavour): Keepalived => {
  const { clock, journal } = machine;
  let file = readOn(machine, true);
  let childPid = 0;

  const log = (who: 'parent' | 'child', message: string, at?: number): void => {
    const [name, pid] = who === 'parent' ? ['Keepalived', unit.mainPid] : ['Keepalived_vrrp', childPid];
    journal.write(unit.id, name as string, pid as number, message, at);
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
  const child = createChild(machine, flavour, file.settings, {
    log: (message) => log('child', message),
    frozen: () => unit.frozen,
    killed: terminate,
  });
  const introduce = (at?: number): void => {
    for (const [who, message] of introduction(file, childPid)) log(who, message, at);
  };
  /** The child has found that it cannot run with this file: both end, and the VIPs stay where they are. */
  const giveUp = (): void => {
    child.end('die');
    log('child', 'Stopped');
    log('parent', `pid ${childPid} exited with permanent error CONFIG. Terminating`);
    log('parent', `Stopped Keepalived ${VERSION}`);
  };

  const preflight = (): StartOutcome => {
    const condition = `ConditionFileNotEmpty=${KEEPALIVED_CONFIGURATION}`;
    if (!machine.files.get(KEEPALIVED_CONFIGURATION)?.content) return { kind: 'skipped', condition };
    file = readOn(machine, true);
    child.prepare(file.settings);
    if (file.end === 'config' || file.end === 'interface') return { kind: 'exits', status: 2 };
    return { kind: file.end === 'crash' || !file.settings.instance ? 'hangs' : 'runs' };
  };
  const reload = (): ReloadOutcome => {
    file = readOn(machine, true);
    for (const [who, message] of rereading(file)) log(who, message);
    if (file.end === 'crash') {
      child.end('die');
      log('parent', `VRRP child process(${childPid}) died: Respawning`);
      log('parent', 'Restart of VRRP process delayed 60 seconds to limit respawn rate');
      return { kind: 'hangs' };
    }
    if (file.end !== 'runs') {
      giveUp();
      return { kind: 'exits', status: 2, late: file.end === 'interface' };
    }
    child.takeUp(file.settings);
    log('parent', 'Reload complete');
    return { kind: 'runs' };
  };

  const daemon: Daemon = {
    name: 'keepalived',
    description: 'Keepalive Daemon (LVS and VRRP)',
    startTime: 8,
    stopTime: () => (child.router() ? FAREWELL.instance : FAREWELL.nothing),
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
      child.start();
      log('parent', 'Startup complete');
    },
    stopping: () => {
      log('parent', 'Stopping');
      child.end('stop');
    },
    stopped: () => {
      if (child.settings().instance) log('child', 'Stopped');
      log('parent', `Stopped Keepalived ${VERSION}`);
    },
    died: () => child.end('die'),
    freeze: (frozen) => {
      if (frozen) child.router()?.freeze();
      else child.router()?.thaw();
    },
    reload,
  };
  const unit = machine.install(daemon);
  return {
    unit,
    router: child.router,
    settings: child.settings,
    scriptGood: child.scriptGood,
    killChild: () => {
      const [parent, killed] = unit.processes;
      if (!parent || !killed || unit.active !== 'active') return;
      child.end('die');
      log('parent', `pid ${killed.pid} exited due to signal 9`);
      log('parent', `VRRP child process(${killed.pid}) died: Respawning`);
      childPid = machine.nextPid();
      unit.processes = [parent, { ...killed, pid: childPid, started: clock.wall() }];
      clock.after(50, () => {
        if (unit.active === 'active' && !child.router()) child.start();
      });
    },
    found: (at, as) => {
      const { priority, advert } = file.settings;
      unit.found(at);
      introduce(at);
      log('parent', 'Startup complete', at);
      log('child', '(VI_1) Entering BACKUP STATE (init)', at);
      log('child', 'VRRP_Script(check_nginx) succeeded', at + 14);
      const since = as === 'MASTER' ? at + masterDown(priority, advert) : at;
      if (as === 'MASTER') log('child', '(VI_1) Entering MASTER STATE', since);
      child.settle(as, since);
    },
    log,
  };
};
