import { balancers } from '../cluster/select.ts';
import { summary } from '../cluster/summary.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { toTopology } from '../config/topology.ts';
import { realClock } from '../probes/clock.ts';
import { type LiveSession, startLive } from '../session/live.ts';
import { withLookBack } from '../session/look-back.ts';
import { loadOwnDrills } from '../session/own-drills.ts';
import { playClock } from '../session/play-clock.ts';
import { createNetwork } from '../ssh/network.ts';
import { clusterOf } from './cluster.ts';
import { type CommonFlags, type Io, isTerminal, looksOf } from './io.ts';
import { endSession, type RecordFlags, recordedText, recordOptions } from './record.ts';
import { watchLines } from './watch-lines.ts';

/** Starts a session on a cluster, recorded as the flags say. The network asks its questions in the console. */
export const openSession = (
  config: ClusterConfig,
  flags: Pick<CommonFlags, 'readOnly'> & RecordFlags,
  io: Io,
  why: 'watch' | 'demo' | 'drill',
): LiveSession => {
  const record = recordOptions(flags, io, { why, cluster: config.name });
  return startLive({
    config,
    topology: toTopology(config, { readOnly: flags.readOnly }),
    clock: realClock,
    connect: (prompter) => createNetwork(config, { prompter, env: io.env, home: io.home }),
    author: io.author,
    drills: loadOwnDrills(config.file),
    ...(record ? { record } : {}),
  });
};

/** Leaving waits no longer than this for the record to be closed, ms. */
const CLOSING = 1000;

/** Ends a session; what is said of its record, as far as that is known soon. */
const recordOf = async (session: LiveSession): Promise<string> => {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), CLOSING);
  const closed = await Promise.race([session.stop(), late]);
  clearTimeout(timer);
  return recordedText(session.recording(), closed);
};

/** Reading the screen in and drawing it the first time hold everything up: the logins go first, for this long at most, ms. */
const SET_OUT = 350;

/** Waits until the load balancers are logged in on, but not long: a console that cannot get there says so at once. */
const firstStep = (session: LiveSession): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(done, SET_OUT);
    const forget = session.onEvent((event) => {
      if (event.kind === 'link' && balancers(session.state()).every(({ link }) => link.phase !== 'connecting')) done();
    });
  });

/** Shows a running session until it is left; resolves to the exit status. */
export const showSession = async (session: LiveSession, flags: CommonFlags, io: Io): Promise<number> => {
  const store = withLookBack(session, { memory: session.memory, clock: playClock });
  try {
    await firstStep(session);
    const { runConsole } = await import('../views/run.tsx');
    return await runConsole({
      store,
      stdin: io.stdin,
      stdout: io.stdout,
      options: { ...looksOf(flags, io), readOnly: flags.readOnly },
      signal: io.signal,
      farewell: async () => {
        const text = summary(session.state());
        return text + (await recordOf(session));
      },
    });
  } finally {
    store.stop();
    await session.stop();
  }
};

/** `haconsole [watch]`: the live console; with `--json` its event log as lines. */
export const watchCommand = async (flags: CommonFlags & RecordFlags, io: Io): Promise<number> => {
  const config = await clusterOf(flags, io);
  if (flags.json) {
    const session = openSession(config, flags, io, 'watch');
    try {
      return await watchLines(session, io);
    } finally {
      await endSession(session, io);
    }
  }
  if (!isTerminal(io)) {
    io.stderr.write(
      'haconsole watch needs a terminal; for scripts there are `haconsole check --json` and `haconsole watch --json`.\n',
    );
    return 2;
  }
  return showSession(openSession(config, flags, io, 'watch'), flags, io);
};
