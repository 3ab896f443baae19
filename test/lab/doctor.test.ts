import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DoctorRig, doctorCases } from '../support/doctor-cases.ts';
import { runFor } from '../support/doctor-run.ts';
import { writeVariant } from '../support/doctor-variants.ts';
import { CLUSTER_FILE, consoleCommand, faults, healAll, STATE, withLab } from './support/lab.ts';

const env = { PATH: process.env.PATH, HOME: STATE, LC_ALL: 'C.UTF-8', TZ: 'UTC' };

const begin = async (): Promise<DoctorRig> => {
  await withLab();
  const directory = mkdtempSync(join(tmpdir(), 'doctor-'));
  const quiet = (apply: () => Promise<unknown>) => async () => void (await apply());
  return {
    jump: '10.99.0.1',
    run: (args, { file, until } = {}) => runFor(consoleCommand(args, file ?? CLUSTER_FILE), { until, env }),
    variant: async (kind) => writeVariant(CLUSTER_FILE, kind, directory),
    breaks: {
      'jump-down': quiet(() => faults['kill-sshd']('jump')),
      'jump-frozen': quiet(() => faults['freeze-node']('jump')),
      'node-down': quiet(() => faults['power-off']('lb2')),
      'ssh-closed': quiet(() => faults['kill-sshd']('lb2')),
      'http-closed': quiet(() => faults.stop('apache2', 'web2')),
      'no-sudo': quiet(() => faults.sudo('lb2', 'none')),
      'sudo-password': quiet(() => faults.sudo('lb2', 'password')),
      'no-journal': quiet(() => faults.sudo('lb2', 'no-journal')),
      'no-ip': quiet(() => faults['hide-tool']('lb2', 'ip')),
      'no-systemd-run': quiet(() => faults['hide-tool']('lb2', 'systemd-run')),
      'no-shell': quiet(() => faults['no-shell']('lb2')),
      'clock-off': quiet(() => faults['clock-off']('lb2')),
      'log-read-only': quiet(() => faults['check-log']('lb2', 'readonly')),
      'disk-full': quiet(() => faults['check-log']('lb2', 'full')),
      'one-session': quiet(() => faults.sshd('lb2', 'MaxSessions', '1')),
      'no-tunnel': quiet(() => faults.sshd('jump', 'PermitOpen', '*:22')),
      'only-direct': quiet(async () => {
        await faults['open-lan']();
        await faults.sshd('jump', 'PermitOpen', '*:22');
      }),
    },
    heal: async () => void (await healAll()),
    stop: async () => rmSync(directory, { recursive: true, force: true }),
  };
};

doctorCases('doctor on the real pair', ['doctor'], begin);
