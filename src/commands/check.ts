import { resolve } from 'node:path';
import type { State } from '../cluster/state.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { toTopology } from '../config/topology.ts';
import { realClock } from '../probes/clock.ts';
import { loadHttp } from '../probes/http.ts';
import { lookOnce } from '../session/once.ts';
import { headlessPrompter } from '../session/prompts.ts';
import { createNetwork } from '../ssh/network.ts';
import { checkProm, writeProm } from './check-prom.ts';
import { checkReport } from './check-report.ts';
import { checkText } from './check-text.ts';
import { clusterOf } from './cluster.ts';
import type { CommonFlags, Io } from './io.ts';

/** Exit status of each level, as monitoring plugins have them. */
const exitStatus = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

/** Looks at the cluster in one go, without a terminal and without asking anybody anything. */
export const look = async (config: ClusterConfig, io: Pick<Io, 'env' | 'home' | 'signal'>): Promise<State> => {
  void loadHttp();
  const network = createNetwork(config, { prompter: headlessPrompter, env: io.env, home: io.home });
  try {
    return await lookOnce({
      config,
      topology: toTopology(config, { readOnly: true }),
      network,
      clock: realClock,
      signal: io.signal,
    });
  } finally {
    await network.close();
  }
};

/** `haconsole check`: prints the verdict and returns its exit status; 3 where the metrics could not be written. `prom`: a file. */
export const checkCommand = async (flags: CommonFlags & { prom?: string }, io: Io): Promise<number> => {
  const report = checkReport(await look(await clusterOf(flags, io), io));
  io.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : checkText(report));
  if (flags.prom !== undefined)
    try {
      await writeProm(resolve(io.cwd, flags.prom), checkProm(report, realClock.wall()));
    } catch (error) {
      io.stderr.write(`haconsole: the metrics could not be written: ${(error as Error).message}\n`);
      return exitStatus.UNKNOWN;
    }
  return exitStatus[report.status];
};
