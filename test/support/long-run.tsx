/** Hours in the life of the console in minutes: a live session and its screen on an embedded cluster, both on a clock that is driven. */
import { readdirSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { render } from 'ink';
import { loadCluster } from '../../src/config/load.ts';
import { toTopology } from '../../src/config/topology.ts';
import { manualClock } from '../../src/demo/clock.ts';
import { type DemoCluster, startDemo } from '../../src/demo/cluster.ts';
import type { Clock } from '../../src/probes/clock.ts';
import { startLive } from '../../src/session/live.ts';
import { createNetwork } from '../../src/ssh/network.ts';
import { App } from '../../src/views/app.tsx';

/** What the process holds after a round, after a garbage collection. MB, and counts. */
export type Sample = {
  round: number;
  /** Hours, minutes and seconds on the driven clock. */
  at: string;
  heap: number;
  rss: number;
  descriptors: number;
  sockets: number;
  timers: number;
  verdict: string;
};

export type LongRun = {
  samples: Sample[];
  moves: number;
  requests: number;
  notices: number;
  frames: number;
  seconds: number;
};

const STEP = 250;
const STEPS = 4;
/** A round in which something is broken waits no longer than this for its last answers, ms of real time. */
const PATIENCE = 1500;
/** Silence is what a probe waits for in real time, ms: short, but a busy machine must not look like silence. */
const TIMEOUT = 500;

/** What happens, in rounds after the start of each period. Every fault is taken back before the next. */
const PERIOD = 200;
const EVENTS: Record<number, (cluster: DemoCluster, period: number) => void> = {
  20: (cluster) => cluster.fault('stop', 'lb1', 'keepalived'),
  30: (cluster) => cluster.fault('start', 'lb1', 'keepalived'),
  60: (cluster) => cluster.fault('stop', 'web2', 'web'),
  70: (cluster) => cluster.fault('start', 'web2', 'web'),
  100: (cluster) => cluster.fault('kill9', 'lb1', 'nginx'),
  120: (cluster, period) => period % 5 === 1 && cluster.fault('kill-sshd', 'lb2'),
  125: (cluster) => cluster.heal(),
  150: (cluster, period) => period % 10 === 2 && cluster.fault('kill-jump'),
  152: (cluster) => cluster.heal(),
};

/** After these the connections come back. */
const HEALED = [125, 152];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

/** Runs so many rounds of one second each and takes a sample every `every` rounds. */
export const runLong = async (options: {
  rounds: number;
  every: number;
  onSample?: (sample: Sample) => void;
}): Promise<LongRun> => {
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
  const began = performance.now();
  const cluster = await startDemo({ clock: manual, seed: 8 });
  const home = cluster.clusterFile.replace(/\/[^/]*$/, '');
  const config = { ...(await loadCluster({ file: cluster.clusterFile, cwd: home, home, env: {} })), timeout: TIMEOUT };
  const session = startLive({
    config,
    topology: toTopology(config, { readOnly: false }),
    clock,
    connect: (prompter) => createNetwork(config, { prompter, env: { PATH: process.env.PATH }, home, clock }),
    author: 'bench@here',
  });
  let answers = 0;
  let requests = 0;
  session.onEvent((event) => {
    if (event.kind === 'http') requests++;
    if (event.kind === 'http' || event.kind === 'snapshot') answers++;
  });

  let frames = 0;
  const stdout = Object.assign(new PassThrough(), { columns: 120, rows: 36, isTTY: true });
  stdout.on('data', () => frames++);
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  const ink = render(
    <App
      store={session}
      terminal={{ repaint: () => {}, suspend: () => {} }}
      onQuit={() => {}}
      options={{ color: true, readOnly: false }}
    />,
    { stdout, stdin, interactive: true, exitOnCtrlC: false, patchConsole: false, maxFps: 30 },
  );

  /** Looks and questions of one round: four nodes, three VIPs, two load balancers, two web nodes. */
  const expected = 11;
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const round = async () => {
    const before = answers;
    for (let step = 0; step < STEPS; step++) {
      manual.advance(STEP);
      await turn();
    }
    const end = performance.now() + PATIENCE;
    while (answers - before < expected && performance.now() < end) await turn();
  };

  /** Handshakes and their back-off take real time: the driven clock stands still meanwhile. */
  const connected = async () => {
    const end = performance.now() + 20_000;
    const links = () => [...session.state().hops, ...Object.values(session.state().nodes)].map((one) => one.link.phase);
    while (links().some((phase) => phase !== 'up') && performance.now() < end) await sleep(20);
  };

  const count = (name: RegExp) => process.getActiveResourcesInfo().filter((one) => name.test(one)).length;
  /** Nothing new begins while the driven clock stands still: waits until the connections of the last answers are closed. */
  const atRest = async () => {
    for (let still = 0, before = 0; still < 4; ) {
      await sleep(20);
      const now = count(/^TCP/);
      still = now === before && count(/Shutdown/) === 0 ? still + 1 : 0;
      before = now;
    }
  };

  const samples: Sample[] = [];
  const sample = async (number: number) => {
    await atRest();
    collect();
    const one: Sample = {
      round: number,
      at: new Date(number * 1000).toISOString().slice(11, 19),
      heap: megabytes(process.memoryUsage().heapUsed),
      rss: megabytes(process.memoryUsage().rss),
      descriptors: readdirSync('/proc/self/fd').length,
      sockets: count(/^TCP/),
      timers: count(/^Timeout/),
      verdict: session.state().verdict.code,
    };
    samples.push(one);
    options.onSample?.(one);
  };

  try {
    await connected();
    while (session.state().verdict.code !== 'healthy') await round();
    for (let number = 1; number <= options.rounds; number++) {
      EVENTS[number % PERIOD]?.(cluster, Math.floor(number / PERIOD));
      await round();
      if (HEALED.includes(number % PERIOD)) await connected();
      if (number % options.every === 0) await sample(number);
    }
    const state = session.state();
    return {
      samples,
      moves: state.moves.length,
      requests,
      notices: state.nextNotice,
      frames,
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    ink.unmount();
    await session.stop();
    await cluster.stop();
  }
};
