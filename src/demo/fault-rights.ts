import type { Fault } from './fault-list.ts';
import { CHECK_LOG } from './topology.ts';

/** A careful site's sudoers line; the lab has the same for its user `narrow`. */
export const NARROW: readonly string[] = [
  ...['start', 'stop', 'restart', 'reload'].flatMap((verb) =>
    ['nginx', 'keepalived', 'apache2'].flatMap((unit) =>
      [unit, `${unit}.service`].map((name) => `/usr/bin/systemctl ${verb} ${name}`),
    ),
  ),
  '/usr/bin/journalctl',
  '/usr/sbin/nginx -t',
];

/** What the account may not do, and what the system cannot. */
export const RIGHT_FAULTS: readonly Fault[] = [
  {
    name: 'no-journal',
    takes: ['node'],
    sentence: 'the account may not read the journal',
    apply: ({ dropSsh }, { machine }) => {
      machine.rights.journal = false;
      dropSsh(machine.name);
    },
  },
  {
    name: 'no-sudo',
    takes: ['node'],
    sentence: 'sudo asks for a password',
    apply: ({ dropSsh }, { machine }) => {
      machine.rights.sudo = 'none';
      dropSsh(machine.name);
    },
  },
  {
    name: 'narrow-sudo',
    takes: ['node'],
    sentence: 'sudo allows the service verbs, the journal and nginx -t',
    apply: ({ dropSsh }, { machine }) => {
      machine.rights.sudo = NARROW;
      dropSsh(machine.name);
    },
  },
  {
    name: 'sudo-password',
    takes: ['node'],
    sentence: 'sudo asks for a password for all but the service verbs, and sudo -l says yes all the same',
    apply: ({ dropSsh }, { machine }) => {
      Object.assign(machine.rights, { sudo: NARROW, password: true });
      dropSsh(machine.name);
    },
  },
  {
    name: 'polkit',
    takes: ['node'],
    sentence: 'systemd asks polkit who may do what, as on most distributions',
    apply: (_, { machine }) => {
      machine.system.polkit = true;
    },
  },
  {
    name: 'no-stop',
    takes: ['service', 'node'],
    sentence: 'RefuseManualStop=yes: systemctl stop is refused',
    apply: (_, __, unit) => {
      unit.refusesStop = true;
    },
  },
  {
    name: 'no-systemd-run',
    takes: ['node'],
    sentence: 'an old system: systemd-run is not there',
    apply: (_, { machine }) => {
      machine.system.systemdRun = false;
    },
  },
  {
    name: 'no-ip',
    takes: ['node'],
    sentence: 'iproute2 is not installed: there is no ip',
    apply: (_, { machine }) => {
      machine.system.ip = false;
    },
  },
  {
    name: 'clock-off',
    takes: ['node'],
    sentence: 'its clock is an hour ahead',
    apply: (_, { machine }) => {
      machine.system.clock = 3_600_000;
    },
  },
  {
    name: 'no-shell',
    takes: ['node'],
    sentence: 'the login shell of the account is /usr/sbin/nologin',
    apply: ({ dropSsh }, { machine }) => {
      machine.system.shell = false;
      dropSsh(machine.name);
    },
  },
  {
    name: 'one-session',
    takes: ['node'],
    sentence: 'its sshd opens one session on a connection (MaxSessions 1)',
    apply: ({ dropSsh }, { machine }) => {
      machine.system.sessions = 1;
      dropSsh(machine.name);
    },
  },
  {
    name: 'no-tunnel',
    takes: [],
    sentence: 'the jump host forwards to SSH ports only (PermitOpen *:22)',
    apply: ({ jump }) => {
      jump.tunnels.web = false;
    },
  },
  {
    name: 'full-disk',
    takes: ['lb'],
    sentence: 'no space left for a line in the check log',
    apply: (_, { machine }) => machine.files.spoil(CHECK_LOG, 'No space left on device'),
  },
  {
    name: 'read-only-log',
    takes: ['lb'],
    sentence: 'the check log lies on a read-only file system',
    apply: (_, { machine }) => machine.files.spoil(CHECK_LOG, 'Read-only file system'),
  },
  {
    name: 'no-log-folder',
    takes: ['lb'],
    sentence: 'the folder of the check log is not there',
    apply: (_, { machine }) => {
      machine.files.remove(CHECK_LOG);
      machine.files.spoil(CHECK_LOG, 'No such file or directory');
    },
  },
];
