import { startDemo } from '../../src/demo/cluster.ts';
import { conformance, type Rig, type RigFault } from '../support/conformance.ts';
import { runCheck, startWatch, watchCommand } from '../support/console-process.ts';

const start = async (): Promise<Rig> => {
  const cluster = await startDemo({ seed: 1 });
  const apply = async (fault: RigFault): Promise<void> =>
    cluster.fault(
      fault.fault,
      'node' in fault ? fault.node : undefined,
      'service' in fault ? fault.service : undefined,
    );
  const healthy = () =>
    cluster.holders('172.16.249.80').join() === 'lb1' && cluster.holders('172.16.249.100').join() === 'lb1';
  return {
    check: () => runCheck(cluster.clusterFile),
    watch: () => startWatch(watchCommand(cluster.clusterFile)),
    apply,
    heal: async () => {
      cluster.heal();
      while (!healthy()) await new Promise((resolve) => setTimeout(resolve, 50));
    },
    holders: async (vip) => cluster.holders(vip),
    stop: () => cluster.stop(),
  };
};

conformance('the embedded cluster', { of: 'each', start });
