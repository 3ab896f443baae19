import type { ClusterConfig } from '../config/cluster-config.ts';
import { loadCluster } from '../config/load.ts';
import type { CommonFlags, Io } from './io.ts';

/** Loads the cluster file the flags point at, with what the command line overrides. Rejects with a ConfigError. */
export const clusterOf = (flags: CommonFlags, io: Io): Promise<ClusterConfig> =>
  loadCluster({
    cwd: io.cwd,
    home: io.home,
    env: io.env,
    ...(flags.config === undefined ? {} : { file: flags.config }),
    ...(flags.jump === undefined ? {} : { jump: flags.jump }),
    overrides: {
      ...(flags.interval === undefined ? {} : { interval: flags.interval }),
      ...(flags.timeout === undefined ? {} : { timeout: flags.timeout }),
      ...(flags.via === undefined ? {} : { via: flags.via }),
    },
  });
