/** A live session that records itself into a file, on an embedded cluster or on the cluster of a file. */
import { dirname } from 'node:path';
import { loadCluster } from '../../src/config/load.ts';
import { toTopology } from '../../src/config/topology.ts';
import { type DemoCluster, startDemo } from '../../src/demo/cluster.ts';
import { realClock } from '../../src/probes/clock.ts';
import { newSession } from '../../src/recording/name.ts';
import { type LiveSession, startLive } from '../../src/session/live.ts';
import { createNetwork } from '../../src/ssh/network.ts';

/** Starts a session on a cluster, recorded from its begin. */
export const liveOn = async (clusterFile: string, file: string): Promise<LiveSession> => {
  const home = dirname(clusterFile);
  const config = await loadCluster({ file: clusterFile, cwd: home, home, env: {} });
  return startLive({
    config,
    topology: toTopology(config, { readOnly: false }),
    clock: realClock,
    connect: (prompter) => createNetwork(config, { prompter, env: { PATH: process.env.PATH }, home }),
    author: 'ops@seat',
    record: {
      file,
      app: '0.1.0',
      id: newSession('test', 0).id,
      why: 'demo',
      by: 'ops@seat',
      gzip: true,
      required: false,
    },
  });
};

/** Starts both; `stop` ends both and closes the file. */
export const recordLive = async (
  file: string,
): Promise<{ cluster: DemoCluster; session: LiveSession; stop(): Promise<string> }> => {
  const cluster = await startDemo({ seed: 4 });
  const session = await liveOn(cluster.clusterFile, file);
  return {
    cluster,
    session,
    stop: async () => {
      const closed = await session.stop();
      await cluster.stop();
      return closed?.file ?? file;
    },
  };
};
