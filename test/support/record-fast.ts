/** Hours of a live session on the embedded cluster, through real SSH and HTTP on loopback, by a clock that is driven; recorded. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadCluster } from '../../src/config/load.ts';
import { toTopology } from '../../src/config/topology.ts';
import { manualClock } from '../../src/demo/clock.ts';
import { type DemoCluster, startDemo } from '../../src/demo/cluster.ts';
import type { Clock } from '../../src/probes/clock.ts';
import { type LiveSession, startLive } from '../../src/session/live.ts';
import { createNetwork } from '../../src/ssh/network.ts';

const STEP = 250;
const STEPS = 4;
/** A round in which something is broken waits no longer than this for its last answers, ms of real time. */
const PATIENCE = 600;
/** Silence is what a probe waits for in real time: it is kept short, ms. */
const TIMEOUT = 100;
/** Four nodes, three VIPs, two load balancers, two web nodes. */
const ANSWERS = 11;

export type FastRun = {
  cluster: DemoCluster;
  session: LiveSession;
  file: string;
  /** Lets one second pass. */
  round(): Promise<void>;
  /** Waits, in real time, until every connection stands. */
  connected(): Promise<void>;
  /** Ends all; the name of the file there is then. */
  stop(): Promise<string>;
};

/** Starts a cluster, a session on it and a recorder, all by one driven clock. */
export const recordFast = async (file: string, options: { gzip?: boolean } = {}): Promise<FastRun> => {
  const manual = manualClock();
  const clock: Clock = {
    now: manual.now,
    wall: manual.wall,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = manual.after(Math.max(0, ms), () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        });
        if (signal?.aborted) stop();
        else signal?.addEventListener('abort', stop, { once: true });
      }),
  };
  const cluster = await startDemo({ clock: manual, seed: 8 });
  const home = cluster.clusterFile.replace(/\/[^/]*$/, '');
  const config = { ...(await loadCluster({ file: cluster.clusterFile, cwd: home, home, env: {} })), timeout: TIMEOUT };
  const session = startLive({
    config,
    topology: toTopology(config, { readOnly: false }),
    clock,
    connect: (prompter) => createNetwork(config, { prompter, env: { PATH: process.env.PATH }, home, clock }),
    author: 'ops@seat',
    record: {
      file,
      app: '0.1.0',
      id: 'fa57000000000000',
      why: 'demo',
      by: 'ops@seat',
      gzip: options.gzip ?? true,
      required: false,
    },
  });
  let answers = 0;
  session.onEvent((event) => {
    if (event.kind === 'http' || event.kind === 'snapshot') answers++;
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    cluster,
    session,
    file,
    round: async () => {
      const before = answers;
      for (let step = 0; step < STEPS; step++) {
        manual.advance(STEP);
        await turn();
      }
      const end = performance.now() + PATIENCE;
      while (answers - before < ANSWERS && performance.now() < end) await turn();
    },
    connected: async () => {
      const end = performance.now() + 20_000;
      const links = () =>
        [...session.state().hops, ...Object.values(session.state().nodes)].map((one) => one.link.phase);
      while (links().some((phase) => phase !== 'up') && performance.now() < end) await sleep(20);
    },
    stop: async () => {
      const closed = await session.stop();
      await cluster.stop();
      return closed?.file ?? file;
    },
  };
};
