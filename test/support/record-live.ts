/** A live session on an embedded cluster, recorded into a file while things happen to it. */
import { randomBytes } from 'node:crypto';
import { loadCluster } from '../../src/config/load.ts';
import { toTopology } from '../../src/config/topology.ts';
import { type DemoCluster, startDemo } from '../../src/demo/cluster.ts';
import { realClock } from '../../src/probes/clock.ts';
import { createRecorder, type Recorder } from '../../src/recording/write.ts';
import { type LiveSession, startLive } from '../../src/session/live.ts';
import { createNetwork } from '../../src/ssh/network.ts';

/** Starts both; `stop` ends both and closes the file. */
export const recordLive = async (
  file: string,
): Promise<{ cluster: DemoCluster; session: LiveSession; recorder: Recorder; stop(): Promise<string> }> => {
  const cluster = await startDemo({ seed: 4 });
  const home = cluster.clusterFile.replace(/\/[^/]*$/, '');
  const config = await loadCluster({ file: cluster.clusterFile, cwd: home, home, env: {} });
  const session = startLive({
    config,
    topology: toTopology(config, { readOnly: false }),
    clock: realClock,
    connect: (prompter) => createNetwork(config, { prompter, env: { PATH: process.env.PATH }, home }),
    author: 'ops@seat',
  });
  const recorder = createRecorder({
    file,
    state: session.state(),
    app: '0.1.0',
    id: randomBytes(8).toString('hex'),
    why: 'demo',
    by: 'ops@seat',
  });
  session.onEvent((event) => recorder.take(event, session.state()));
  return {
    cluster,
    session,
    recorder,
    stop: async () => {
      await session.stop();
      await cluster.stop();
      return (await recorder.close('quit')).file;
    },
  };
};
