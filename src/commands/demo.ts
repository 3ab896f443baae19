import { loadCluster } from '../config/load.ts';
import { type DemoCluster, startDemo } from '../demo/cluster.ts';
import { serveDemo } from '../demo/serve.ts';
import { runStory } from '../demo/story.ts';
import { realClock } from '../probes/clock.ts';
import type { LiveSession } from '../session/live.ts';
import { stateLine } from './demo-lines.ts';
import { type CommonFlags, type Io, isTerminal } from './io.ts';
import { endSession, type RecordFlags } from './record.ts';
import { openSession, showSession } from './watch.ts';

/** Rounds printed without a terminal: some calm ones, then some that show a failover. */
const CALM = 3;
const ROUNDS = 9;

const tellStory = (cluster: DemoCluster, session: LiveSession, signal: AbortSignal) =>
  runStory(cluster, { signal, say: (text) => session.remark('info', `demo: ${text}`) }).catch((error: unknown) => {
    if (!signal.aborted) session.remark('warn', `the story ended: ${String(error).slice(0, 200)}`);
  });

/** Without a terminal: the state as lines, one a second, with one failover in it. */
const printRounds = async (cluster: DemoCluster, session: LiveSession, io: Io): Promise<void> => {
  while (session.state().verdict.code === 'blind' && !io.signal.aborted) await realClock.sleep(100, io.signal);
  for (let round = 0; round < ROUNDS && !io.signal.aborted; round++) {
    io.stdout.write(`${stateLine(session.state())}\n`);
    if (round === CALM - 1) {
      io.stdout.write('-- keepalived on lb1 is stopped --\n');
      cluster.fault('stop', 'lb1', 'keepalived');
    }
    await realClock.sleep(1000, io.signal);
  }
};

/** `haconsole demo`: console and embedded cluster in one process; `--serve`: the cluster alone. */
export const demoCommand = async (
  flags: CommonFlags & RecordFlags & { serve: boolean; calm: boolean },
  io: Io,
): Promise<number> => {
  if (flags.serve) return serveDemo({ stdin: io.stdin, stdout: io.stdout, stderr: io.stderr, signal: io.signal });
  const cluster = await startDemo({});
  const ending = new AbortController();
  try {
    const config = await loadCluster({ file: cluster.clusterFile, cwd: io.cwd, home: io.home, env: io.env });
    const session = openSession(config, flags, io, 'demo');
    if (!isTerminal(io)) {
      try {
        await printRounds(cluster, session, io);
      } finally {
        await endSession(session, io);
      }
      return 0;
    }
    const story = flags.calm ? Promise.resolve() : tellStory(cluster, session, ending.signal);
    const status = await showSession(session, flags, io);
    ending.abort(new Error('the console was left'));
    await story;
    return status;
  } finally {
    ending.abort(new Error('the console was left'));
    await cluster.stop();
  }
};
