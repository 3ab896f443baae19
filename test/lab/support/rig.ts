import type { ActRig } from '../../support/act-cases.ts';
import { startActing } from '../../support/act-process.ts';
import type { DrillRig } from '../../support/drill-cases.ts';
import {
  CLUSTER_FILE,
  clusterFileWith,
  consoleCommand,
  curlVip,
  faults,
  heal,
  healAll,
  healthy,
  holders,
  inside,
  mustInside,
  STATE,
  unitState,
  withLab,
} from './lab.ts';

/** The environment of somebody at the operator's seat. */
export const env = { PATH: process.env.PATH, HOME: STATE, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
const CONF = '/etc/keepalived/keepalived.conf';
const DROP_IN = (unit: string) => `/run/systemd/system/${unit}.service.d`;
const LOG = '/etc/keepalived/check_nginx.log';

/** What a test may have left on a node: a timer, its file for sudo, a file that was set aside, a drop-in. */
export const sweep = async (node: string) => {
  await inside(node, ['systemctl', 'stop', 'haconsole-restore.timer']);
  await inside(node, ['systemctl', 'reset-failed', 'haconsole-restore.service']);
  await inside(node, ['rm', '-f', '/etc/sudoers.d/haconsole']);
  for (const file of ['/etc/nginx/nginx.conf', CONF]) {
    await inside(node, ['rm', '-f', `${file}.haconsole-new`]);
    await inside(node, ['mv', '-f', `${file}.haconsole-aside`, file]);
  }
  if ((await inside(node, ['rm', '-r', DROP_IN('keepalived')])).code === 0)
    await mustInside(node, ['systemctl', 'daemon-reload']);
};
export const NODES = ['lb1', 'lb2', 'web1', 'web2'];

/** The real pair and its own truth. */
export const labRig = async (): Promise<ActRig & DrillRig> => {
  await withLab();
  return {
    file: CLUSTER_FILE,
    command: (...args) => consoleCommand(args),
    start: (...args) => {
      const at = args.indexOf('-c');
      const file = at < 0 ? CLUSTER_FILE : (args[at + 1] as string);
      const rest = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
      return startActing(consoleCommand(rest, file), env);
    },
    unit: async (node, service) => {
      const state = await unitState(node, service === 'web' ? 'apache2' : service);
      return { active: state?.active ?? 'silent', mainPid: state?.mainPid ?? -1 };
    },
    holders,
    isServed: async (vip) => /HTTP WEB NODE/.test((await curlVip(vip)).body),
    checkLog: (node) => mustInside(node, ['cat', LOG]),
    timer: async (node) => (await inside(node, ['systemctl', 'is-active', 'haconsole-restore.timer'])).code === 0,
    leaveStale: async (node) => void (await faults['stale-vip'](node)),
    breakKeepalivedFile: async (node) =>
      void (await mustInside(node, ['sed', '-i', 's/virtual_router_id .*/virtual_router_id 999/', CONF])),
    refuseStop: async (node, unit) => {
      await mustInside(node, ['mkdir', '-p', DROP_IN(unit)]);
      await mustInside(node, ['tee', `${DROP_IN(unit)}/refuse.conf`], { input: '[Unit]\nRefuseManualStop=yes\n' });
      await mustInside(node, ['systemctl', 'daemon-reload']);
    },
    leftOver: async (node) =>
      (await mustInside(node, ['find', '/etc/nginx', '/etc/keepalived', '-name', '*.haconsole-*']))
        .split('\n')
        .filter(Boolean),
    freezeJump: async () => void (await faults['freeze-node']('jump')),
    killJump: async () => void (await faults['kill-sshd']('jump')),
    reviveJump: async () => {
      await heal['freeze-node']('jump');
      await heal['kill-sshd']('jump');
    },
    withoutSudo: async () => ['-c', await clusterFileWith('act-nosudo', { user: 'nosudo' })],
    heal: async () => {
      await Promise.all(NODES.map(sweep));
      await healAll();
      await healthy();
    },
    stop: async () => {},
  };
};
