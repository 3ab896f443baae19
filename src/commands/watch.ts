import { summary } from '../cluster/summary.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { toTopology } from '../config/topology.ts';
import { realClock } from '../probes/clock.ts';
import { loadHttp } from '../probes/http.ts';
import { type LiveSession, startLive } from '../session/live.ts';
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
  });
  // While the first handshake waits for the other side, what comes next is read in.
  void loadHttp();
  return session;
};

/** Shows a running session until it is left; resolves to the exit status. */
export const showSession = async (session: LiveSession, flags: CommonFlags, io: Io): Promise<number> => {
  const utf8 = /utf-?8/i.test(io.env.LC_ALL || io.env.LC_CTYPE || io.env.LANG || '');
  try {
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
