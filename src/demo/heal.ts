import type { Stage } from './fault-list.ts';
import type { Machine } from './machine.ts';
import { forgetRestarts, mendKeepalived, mendLog, mendNginx, mendWeb } from './spoil.ts';

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
    if (unit.active !== 'active') unit.start();
  }
};

/** Takes every fault back: wires, power, files, rights, services, the jump host. */
export const healAll = ({ world, jump, dropSsh, sshd }: Stage): void => {
  jump.wire.set({ cut: false, delay: 0 });
  jump.lan.set({ cut: false });
  void jump.revive();
  world.lan.dropAdverts(false);
  for (const { machine } of world.hosts) {
    machine.wire.set({ cut: false, carrier: true, delay: 0 });
    sshd(machine.name, true);
    // New rights come with a new login.
    if (machine.rights.sudo !== 'all' || !machine.rights.journal) dropSsh(machine.name);
    Object.assign(machine.rights, { sudo: 'all', journal: true });
    machine.system.systemdRun = true;
    mendNginx(machine);
    mendKeepalived(machine);
    if (machine.role === 'lb') mendLog(machine);
    forgetRestarts(machine);
    if (machine.role === 'web') mendWeb(machine);
    raise(machine);
  }
};
