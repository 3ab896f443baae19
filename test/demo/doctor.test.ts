import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemo } from '../../src/demo/cluster.ts';
import { BIN, healed } from '../support/demo-console.ts';
import { type Break, type DoctorRig, doctorCases } from '../support/doctor-cases.ts';
import { runFor } from '../support/doctor-run.ts';
import { writeVariant } from '../support/doctor-variants.ts';

const env = {
  ...process.env,
  LC_ALL: 'C.UTF-8',
  SSH_AUTH_SOCK: undefined,
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
};

/** The embedded cluster's addresses exist in it alone, so nothing is asked from here. */
const DOCTOR = ['doctor', '--via', 'jump'];

const begin = async (): Promise<DoctorRig> => {
  const cluster = await startDemo({ seed: 1 });
  const directory = mkdtempSync(join(tmpdir(), 'doctor-'));
  const fault =
    (name: string, node?: string, service?: string): (() => Promise<void>) =>
    async () =>
      cluster.fault(name, node, service);
  return {
    jump: 'jump',
    run: (args, { file, until } = {}) =>
      runFor([process.execPath, [BIN, ...args, '-c', file ?? cluster.clusterFile]], { until, env }),
    variant: async (kind) => writeVariant(cluster.clusterFile, kind, directory),
    breaks: {
      'jump-down': fault('kill-jump'),
      'jump-frozen': fault('freeze-jump'),
      'node-down': fault('power-off', 'lb2'),
      'ssh-closed': fault('kill-sshd', 'lb2'),
      'http-closed': fault('stop', 'web2', 'web'),
      'no-sudo': fault('no-sudo', 'lb2'),
      'sudo-password': fault('sudo-password', 'lb2'),
      'no-journal': fault('no-journal', 'lb2'),
      'no-ip': fault('no-ip', 'lb2'),
      'no-systemd-run': fault('no-systemd-run', 'lb2'),
      'no-shell': fault('no-shell', 'lb2'),
      'clock-off': fault('clock-off', 'lb2'),
      'log-read-only': fault('read-only-log', 'lb2'),
      'disk-full': fault('full-disk', 'lb2'),
      'one-session': fault('one-session', 'lb2'),
      'no-tunnel': fault('no-tunnel'),
    },
    heal: () => healed(cluster),
    stop: async () => {
      rmSync(directory, { recursive: true, force: true });
      await cluster.stop();
    },
  };
};

const NOT_HERE: readonly Break[] = ['only-direct'];

doctorCases('doctor on the embedded cluster', DOCTOR, begin, (fault) => !NOT_HERE.includes(fault));
