import { startDemo } from '../../src/demo/cluster.ts';
import { CHECK_LOG } from '../../src/demo/topology.ts';
import type { ActRig } from './act-cases.ts';
import { startActing } from './act-process.ts';
import { BIN } from './demo-console.ts';
import type { DrillRig } from './drill-cases.ts';

const VIPS = ['172.16.249.80', '172.16.249.90', '172.16.249.100'];
const CONF = '/etc/keepalived/keepalived.conf';

/** An embedded cluster and its own truth. */
export const demoRig = async (): Promise<ActRig & DrillRig> => {
  const cluster = await startDemo({ seed: 1 });
  const host = (node: string) => {
    const found = cluster.world.hosts.find(({ machine }) => machine.name === node);
    if (!found) throw new Error(`no machine ${node}`);
    return found;
  };
  const healthy = () =>
    VIPS.every((vip) => cluster.holders(vip).join() === 'lb1') &&
    cluster.world.hosts.every(({ machine }) => [...machine.units.values()].every((unit) => unit.active === 'active'));
  return {
    file: cluster.clusterFile,
    command: (...args) => [process.execPath, [BIN, ...args, '-c', cluster.clusterFile]],
    start: (...args) => startActing([process.execPath, [BIN, ...args, '-c', cluster.clusterFile]]),
    unit: async (node, service) => {
      const { machine, web } = host(node);
      const unit = service === 'web' ? web.unit : machine.unit(service);
      return { active: unit?.active ?? 'silent', mainPid: unit?.mainPid ?? -1 };
    },
    holders: async (vip) => cluster.holders(vip),
    isServed: async (vip) => {
      const [holder, ...more] = cluster.holders(vip);
      return holder !== undefined && more.length === 0 && host(holder).web.unit.active === 'active';
    },
    checkLog: async (node) => host(node).machine.files.get(CHECK_LOG)?.content ?? '',
    timer: async (node) => host(node).machine.managed('haconsole-restore.timer')?.active === 'active',
    leaveStale: async (node) => cluster.fault('kill9', node, 'keepalived'),
    breakKeepalivedFile: async (node) => {
      const { files } = host(node).machine;
      const file = files.get(CONF);
      files.write(CONF, (file?.content ?? '').replace(/virtual_router_id .*/, 'virtual_router_id 999'));
    },
    refuseStop: async (node, unit) => {
      const found = host(node).machine.unit(unit);
      if (found) found.refusesStop = true;
    },
    leftOver: async (node) =>
      host(node)
        .machine.files.paths()
        .filter((path) => path.includes('.haconsole-')),
    freezeJump: async () => cluster.fault('freeze-jump'),
    killJump: async () => cluster.fault('kill-jump'),
    reviveJump: async () => cluster.fault('revive-jump'),
    withoutSudo: async () => {
      cluster.fault('no-sudo', 'lb2');
      return [];
    },
    heal: async () => {
      cluster.heal();
      while (!healthy()) await new Promise((resolve) => setTimeout(resolve, 50));
    },
    stop: () => cluster.stop(),
  };
};
