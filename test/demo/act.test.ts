import { join } from 'node:path';
import { startDemo } from '../../src/demo/cluster.ts';
import { runLine } from '../../src/demo/shell.ts';
import { type ActRig, actCases } from '../support/act-cases.ts';
import { startActing } from '../support/act-process.ts';
import { healed } from '../support/demo-console.ts';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'haconsole.mjs');
const CHECK_LOG = '/etc/keepalived/check_nginx.log';

const begin = async (): Promise<ActRig> => {
  const cluster = await startDemo({ seed: 1 });
  const host = (node: string) => cluster.world.host(node)!;
  const ask = (node: string, line: string) =>
    runLine(
      {
        machine: host(node).machine,
        keepalived: host(node).keepalived,
        root: true,
        user: 'root',
        sbin: true,
        shell: 'bash',
        stdin: async () => '',
      },
      line,
    );
  return {
    start: (...args) =>
      startActing([process.execPath, [BIN, ...args, ...(args.includes('-c') ? [] : ['-c', cluster.clusterFile])]]),
    unit: async (node, service) => {
      const unit = service === 'web' ? host(node).web.unit : host(node).machine.unit(service)!;
      return { active: unit.active, mainPid: unit.mainPid };
    },
    holders: async (vip) => cluster.holders(vip),
    isServed: (vip) =>
      new Promise((resolve) => {
        const holder = cluster.world.lan.owner(vip);
        if (!holder) resolve(false);
        else
          host(holder.name).web.answer('/', (reply) =>
            resolve(!('error' in reply) && reply.body.includes('HTTP WEB NODE')),
          );
      }),
    checkLog: async (node) => (await ask(node, `cat ${CHECK_LOG}`)).stdout,
    timer: async (node) => (await ask(node, 'systemctl is-active haconsole-restore.timer')).code === 0,
    leaveStale: async (node) => cluster.fault('stale-vip', node),
    breakKeepalivedFile: async (node) => cluster.fault('break-keepalived-file', node),
    // In one process it would end before the command has got through it.
    killJump: async () => {
      const stopping = () =>
        cluster.world.hosts.some(({ machine }) =>
          [...machine.units.values()].some((unit) => unit.active === 'deactivating'),
        );
      const end = performance.now() + 1000;
      while (!stopping() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
      cluster.fault('kill-jump');
    },
    reviveJump: async () => cluster.fault('revive-jump'),
    withoutSudo: async () => {
      cluster.fault('no-sudo', 'lb2');
      return [];
    },
    heal: () => healed(cluster),
    stop: () => cluster.stop(),
  };
};

actCases('acting on the embedded pair', begin);
