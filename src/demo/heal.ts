import type { Stage } from './fault-list.ts';
import { readOn } from './keepalived.ts';
import { type Machine, SOUND } from './machine.ts';
import { forgetRestarts, mendFiles, mendLog, mendWeb } from './spoil.ts';
import type { Host } from './world.ts';

/** What is down comes up, thawed and unmasked; a machine without power boots and starts it all itself. */
const raise = (machine: Machine): void => {
  for (const unit of machine.units.values()) {
    unit.mask(false);
    unit.freeze(false);
    unit.refusesStop = false;
  }
  if (!machine.powered()) {
    machine.powerOn();
    return;
  }
  for (const unit of machine.units.values()) {
    unit.resetFailed();
    // A job that hangs is pushed out by a restart.
    if (unit.active === 'reloading' || unit.active === 'activating') unit.restart();
    else if (unit.active !== 'active') unit.start();
  }
};

/** keepalived may run with what a changed file said. */
const takeUp = ({ machine, keepalived }: Host): void => {
  if (!mendFiles(machine) || !keepalived) return;
  const { settings } = readOn(machine, true);
  if (keepalived.unit.active === 'active' && JSON.stringify(settings) !== JSON.stringify(keepalived.settings()))
    keepalived.unit.reload();
};

/** Takes every fault back: wires, power, files, rights, services, the jump host. */
export const healAll = ({ world, jump, dropSsh, sshd }: Stage): void => {
  jump.wire.set({ cut: false, delay: 0 });
  jump.lan.set({ cut: false });
  jump.tunnels.web = true;
  void jump.revive();
  world.lan.dropAdverts(false);
  for (const host of world.hosts) {
    const { machine } = host;
    machine.wire.set({ cut: false, carrier: true, delay: 0 });
    sshd(machine.name, true);
    // New rights come with a new login.
    const { shell, sessions } = machine.system;
    if (machine.rights.sudo !== 'all' || !machine.rights.journal || !shell || sessions !== SOUND.sessions)
      dropSsh(machine.name);
    Object.assign(machine.rights, { sudo: 'all', password: false, journal: true });
    Object.assign(machine.system, SOUND);
    machine.forgetTransients();
    for (const path of machine.files.paths()) if (/\.haconsole-(aside|new)$/.test(path)) machine.files.remove(path);
    takeUp(host);
    if (machine.role === 'lb') mendLog(machine);
    forgetRestarts(machine);
    if (machine.role === 'web') mendWeb(machine);
    raise(machine);
  }
};
