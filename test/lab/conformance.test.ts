import type { CheckReport } from '../../src/commands/check-report.ts';
import { conformance, type Rig, type RigFault } from '../support/conformance.ts';
import { startWatch } from '../support/console-process.ts';
import { check, consoleCommand, faults, healAll, healthy, holders, withLab } from './support/lab.ts';

/** The unit behind a service's name. */
const unitOf = (service: string): string => (service === 'web' ? 'apache2' : service);

const apply = async (fault: RigFault): Promise<unknown> => {
  switch (fault.fault) {
    case 'freeze-jump':
      return faults['freeze-node']('jump');
    case 'kill-jump':
      return faults['kill-sshd']('jump');
    case 'cut-jump':
      return faults['silent-cut']('jump');
    case 'drop-vrrp':
      return faults['drop-vrrp']();
    case 'kill9':
      return faults.kill9(unitOf(fault.service), fault.node, 'all');
    case 'stop':
    case 'mask':
    case 'freeze':
      return faults[fault.fault](unitOf(fault.service), fault.node);
    default:
      return faults[fault.fault](fault.node);
  }
};

const start = async (): Promise<Rig> => {
  await withLab();
  return {
    check: async () => {
      const { report, code } = await check();
      return { report: report as unknown as CheckReport, code: code ?? -1 };
    },
    watch: () => startWatch(consoleCommand(['watch', '--json'])),
    apply: async (fault) => void (await apply(fault)),
    heal: async () => {
      await healAll();
      await healthy();
    },
    holders: (vip) => holders(vip),
    stop: async () => {},
  };
};

conformance('the real pair', { of: 'one', start });
