import { summary } from '../cluster/summary.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { toTopology } from '../config/topology.ts';
import { realClock } from '../probes/clock.ts';
import { type LiveSession, startLive } from '../session/live.ts';
import { loadOwnDrills } from '../session/own-drills.ts';
import { createNetwork } from '../ssh/network.ts';
import { clusterOf } from './cluster.ts';
import { type CommonFlags, type Io, isTerminal } from './io.ts';
import { watchLines } from './watch-lines.ts';

/** Starts a session on a cluster. The network asks its questions in the console. */
export const openSession = (config: ClusterConfig, flags: Pick<CommonFlags, 'readOnly'>, io: Io): LiveSession => {
  const session = startLive({
    config,
    topology: toTopology(config, { readOnly: flags.readOnly }),
    clock: realClock,
    connect: (prompter) => createNetwork(config, { prompter, env: io.env, home: io.home }),
    author: io.author,
    drills: loadOwnDrills(config.file),
  });
  return session;
};

/** What is read in for the screen holds everything up for a while, ms: the first connection sets out before it. */
const SET_OUT = 120;

/** Waits until the nodes are being logged in on, but not long: a console that cannot get there says so at once. */
const firstStep = (session: LiveSession): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      forget();
      setTimeout(resolve, 10);
    };
    const timer = setTimeout(done, SET_OUT);
    const forget = session.onEvent((event) => {
      if (event.kind === 'link' && event.link.phase !== 'connecting') done();
    });
  });

/** Shows a running session until it is left; resolves to the exit status. */
export const showSession = async (session: LiveSession, flags: CommonFlags, io: Io): Promise<number> => {
  const utf8 = /utf-?8/i.test(io.env.LC_ALL || io.env.LC_CTYPE || io.env.LANG || '');
  try {
    await firstStep(session);
    const { runConsole } = await import('../views/run.tsx');
    return await runConsole({
      store: session,
      stdin: io.stdin,
      stdout: io.stdout,
      options: { ascii: flags.ascii || !utf8, color: flags.color && !io.env.NO_COLOR, readOnly: flags.readOnly },
      signal: io.signal,
      farewell: () => summary(session.state()),
    });
  } finally {
    await session.stop();
  }
};

/** `haconsole [watch]`: the live console; with `--json` its event log as lines. */
export const watchCommand = async (flags: CommonFlags, io: Io): Promise<number> => {
  const config = await clusterOf(flags, io);
  if (flags.json) {
    const session = openSession(config, flags, io);
    try {
      return await watchLines(session, io);
    } finally {
      await session.stop();
    }
  }
  if (!isTerminal(io)) {
    io.stderr.write(
      'haconsole watch needs a terminal; for scripts there are `haconsole check --json` and `haconsole watch --json`.\n',
    );
    return 2;
  }
  return showSession(openSession(config, flags, io), flags, io);
};
