import { type AddressTable, createAddresses } from './addresses.ts';
import type { Advert } from './advert.ts';
import type { DemoClock } from './clock.ts';
import type { Daemon } from './daemon.ts';
import { createFiles, type FileTable } from './files.ts';
import { createJournal, type Journal } from './journal.ts';
import type { Lan } from './lan.ts';
import type { Managed } from './managed.ts';
import { between, hex, type Random } from './random.ts';
import type { Rights } from './rights.ts';
import { CHECK_LOG } from './topology.ts';
import { createTransient, type Transient, type TransientSpec } from './transient.ts';
import { createUnit, type Unit } from './unit.ts';
import { createWire, type Wire } from './wire.ts';

/** One host of the embedded cluster: what its tools read and its daemons change. */
export type Machine = {
  readonly name: string;
  readonly role: 'lb' | 'web';
  readonly address: string;
  readonly ifname: string;
  readonly mac: string;
  readonly clock: DemoClock;
  readonly random: Random;
  readonly lan: Lan;
  readonly wire: Wire;
  readonly addresses: AddressTable;
  readonly files: FileTable;
  /** Configuration files as they were found, by path. */
  readonly pristine: Map<string, string>;
  readonly journal: Journal;
  readonly units: Map<string, Unit>;
  /** Names that are masked although no unit has them. */
  readonly maskedNames: Set<string>;
  /** What the operator's account may do here. */
  readonly rights: Rights;
  /** What this system is like. */
  readonly system: System;
  /** Wall ms of the last boot. */
  boot(): number;
  powered(): boolean;
  /** Packets get here: it runs and its cable carries. */
  reachable(): boolean;
  /** Wall ms since when packets do not get here; undefined while they do. */
  unreachableSince(): number | undefined;
  nextPid(): number;
  install(daemon: Daemon): Unit;
  unit(name: string): Unit | undefined;
  /** Timers and services made by systemd-run, by their name without suffix; those that are done are gone. */
  transient(name: string): Transient | undefined;
  arm(spec: TransientSpec): Transient;
  /** Takes away whatever systemd-run has made. */
  forgetTransients(): void;
  /** Whatever systemctl can be asked to start or stop, by its full id. */
  managed(id: string): Managed | undefined;
  /** An advert came in by multicast. */
  hear(advert: Advert): void;
  onAdvert(listener: (advert: Advert) => void): void;
  powerOff(): void;
  /** Stops its services, then its power. */
  shutDown(): void;
  /** Boots; enabled units start by themselves. */
  powerOn(): void;
  onPower(listener: (on: boolean) => void): void;
};

/** What a system has, and lacks: an old one has no systemd-run, and most distributions have polkit. */
export type System = {
  systemdRun: boolean;
  polkit: boolean;
  /** iproute2 is installed. */
  ip: boolean;
  /** The account has a login shell. */
  shell: boolean;
  /** MaxSessions of its sshd. */
  sessions: number;
  /** Its clock against ours, ms. */
  clock: number;
};

/** A system with nothing wrong; 10 sessions are OpenSSH's default. */
export const SOUND: System = { systemdRun: true, polkit: false, ip: true, shell: true, sessions: 10, clock: 0 };

/** From power-on until systemd starts the services, ms. */
const BOOT_TIME = 500;

/** A machine on the segment, running since `boot` (wall ms). */
export const createMachine = (
  lan: Lan,
  clock: DemoClock,
  random: Random,
  spec: { name: string; role: 'lb' | 'web'; address: string; boot: number },
): Machine => {
  const ifname = 'eth0';
  const mac = `${(between(random, 0, 63) * 4 + 2).toString(16).padStart(2, '0')}:${hex(random, 10).match(/../g)!.join(':')}`;
  const wire = createWire();
  const transients = new Map<string, Transient>();
  const adverts: ((advert: Advert) => void)[] = [];
  const power: ((on: boolean) => void)[] = [];
  let on = true;
  let boot = spec.boot;
  let pid = between(random, 520, 900);
  let silentSince: number | undefined;
  const reachable = (): boolean => wire.open;
  const noteReach = (): void => {
    if (reachable()) silentSince = undefined;
    else silentSince ??= clock.wall();
  };
  wire.onChange(noteReach);
  const files = createFiles(clock.wall);
  files.computed('/proc/uptime', () => {
    const up = (clock.wall() - boot) / 1000;
    return `${up.toFixed(2)} ${(up * 1.87).toFixed(2)}\n`;
  });
  files.computed('/proc/self/mounts', () => {
    const cover = files.obstacle(CHECK_LOG) === 'Read-only file system' ? `/dev/vda1 ${CHECK_LOG} ext4 ro 0 0\n` : '';
    return `/dev/vda1 / ext4 rw,relatime 0 0\ntmpfs /run tmpfs rw,nosuid 0 0\n${cover}`;
  });
  const machine: Machine = {
    ...spec,
    ifname,
    mac,
    clock,
    random,
    lan,
    wire,
    addresses: createAddresses(ifname, spec.address, mac),
    files,
    pristine: new Map(),
    journal: createJournal(clock.wall, random),
    units: new Map(),
    maskedNames: new Set(),
    rights: { sudo: 'all', password: false, journal: true },
    system: { ...SOUND },
    boot: () => boot,
    powered: () => on,
    reachable,
    unreachableSince: () => silentSince,
    nextPid: () => {
      pid += 1 + Math.floor(random() * 3);
      return pid;
    },
    install: (daemon) => {
      const unit = createUnit(daemon, machine);
      machine.units.set(daemon.name, unit);
      return unit;
    },
    unit: (name) => machine.units.get(name.replace(/\.service$/, '')),
    transient: (name) => {
      const found = transients.get(name);
      return found && (found.timer.loaded() || found.service.loaded()) ? found : undefined;
    },
    arm: (spec) => {
      const made = createTransient(spec, machine);
      transients.set(spec.name, made);
      return made;
    },
    forgetTransients: () => {
      for (const made of transients.values()) made.off();
      transients.clear();
    },
    managed: (id) => {
      const [, name = '', kind] = /^(.*)\.(service|timer)$/.exec(id) ?? [];
      const made = machine.transient(name);
      if (kind === 'timer') return made?.timer.loaded() ? made.timer : undefined;
      return machine.units.get(name) ?? (made?.service.loaded() ? made.service : undefined);
    },
    hear: (advert) => {
      for (const listener of adverts) listener(advert);
    },
    onAdvert: (listener) => adverts.push(listener),
    powerOff: () => {
      if (!on) return;
      on = false;
      wire.set({ off: true });
      for (const listener of power) listener(false);
      for (const unit of machine.units.values()) unit.off();
      machine.forgetTransients();
      machine.addresses.reset();
      for (const path of files.paths()) if (path.startsWith('/run/')) files.remove(path);
    },
    shutDown: () => {
      const running = [...machine.units.values()].filter((unit) => unit.processes.length > 0);
      let left = running.length;
      if (left === 0) machine.powerOff();
      for (const unit of running) {
        unit.stop(() => {
          left -= 1;
          if (left === 0) machine.powerOff();
        });
      }
    },
    powerOn: () => {
      if (on) return;
      boot = clock.wall();
      pid = between(random, 280, 420);
      wire.reset();
      clock.after(BOOT_TIME, () => {
        if (on) return;
        on = true;
        wire.set({ off: false });
        for (const listener of power) listener(true);
        for (const unit of machine.units.values()) if (unit.file === 'enabled') unit.start();
      });
    },
    onPower: (listener) => power.push(listener),
  };
  lan.attach(machine);
  return machine;
};
