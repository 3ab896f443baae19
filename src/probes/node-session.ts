import type { Agent } from './agent/agent.ts';
import type { StreamTag } from './agent/protocol.ts';
import type { AgentSpec } from './agent/script.ts';
import { createAlarm } from './alarm.ts';
import { createLooks } from './looks.ts';
import type { NodeProbeOptions } from './node.ts';

/** Two snapshots begin at least this far apart, ms: a burst of pushed lines wakes one look, not twenty. */
const LEAST_DISTANCE = 100;
/** A request that is this old, ms, will not be answered: something on the node hangs, and a fresh shell may not. */
const STUCK = 5000;
/** What the start of the shell may add to the first snapshot, ms. */
const START = 1500;
/** Between two dumps, ms: regularly, and at least. Each leaves a line or two in keepalived's journal. */
const DUMP_EVERY = 10_000;
const DUMP_DISTANCE = 2000;
/** What was denied is not asked for again so soon, ms: each refusal is a line in the node's auth log. */
const DENIED = 300_000;
/** keepalived has made up its mind this long after the first address moved, ms. */
const DUMP_AFTER = 300;
const CONF_EVERY = 60_000;
/** Between two readings of the configuration at least, ms, when keepalived starts over with it. */
const CONF_DISTANCE = 2000;
/** The first reading of the configuration, ms after the shell is there. */
const CONF_AFTER = 500;
/** Dumps and configuration may take this long, ms: keepalived has 0.65 s to write. */
const PATIENCE = 3000;
/** The agent leaves after a minute in which nothing was asked of it. */
const PING_AFTER = 20_000;
/** Streams that have not complained by then, ms, can be read. */
const SETTLED = 1500;
/** A stream that worked and ended gets a fresh agent after this, ms. */
const REVIVE = 30_000;

/** The streams of a node of this role. */
export const streamsOf = (spec: AgentSpec): StreamTag[] =>
  spec.streams ? (spec.role === 'lb' ? ['A', 'J', 'L'] : ['A', 'J']) : [];

/** What goes on while one agent lives: snapshots on demand, dumps and configuration at their own pace. */
export const attend = (options: NodeProbeOptions, spec: AgentSpec, agent: Agent) => {
  const { clock } = options;
  const looks = createLooks(options, spec, agent);
  let outstanding: number | undefined;
  let lastAsked = clock.now();
  let lastDump = Number.NEGATIVE_INFINITY;
  let lastConf = Number.NEGATIVE_INFINITY;
  let denied = false;
  let confDenied = false;
  let wanted = false;

  const snap = async (timeout: number): Promise<void> => {
    if (outstanding !== undefined) {
      const asked = outstanding;
      if (clock.now() - asked > Math.max(STUCK, 5 * options.timeout))
        agent.close('nothing came from the shell on the node');
      else if (clock.now() - asked >= options.timeout) await looks.overdue(asked);
      return;
    }
    const asked = clock.now();
    outstanding = asked;
    lastAsked = asked;
    const free = () => {
      outstanding = undefined;
      if (!wanted) return;
      wanted = false;
      refresh();
    };
    if (await looks.snap(timeout, free)) free();
  };

  const again = createAlarm(clock, async () => {
    if (outstanding === undefined) await snap(options.timeout);
    // What was pushed while a look is under way may be newer than the look: one more after it, not before.
    else wanted = true;
  });
  const refresh = () => again.by(Math.max(clock.now(), lastAsked + LEAST_DISTANCE));

  const dumps = createAlarm(clock, async () => {
    lastDump = clock.now();
    denied = (await looks.dump(PATIENCE)) === 'denied';
    dumps.by(lastDump + (denied ? DENIED : DUMP_EVERY));
  });
  const wantDump = () => {
    if (spec.role === 'lb' && !denied) dumps.by(Math.max(clock.now() + DUMP_AFTER, lastDump + DUMP_DISTANCE));
  };

  const confs = createAlarm(clock, async () => {
    lastConf = clock.now();
    confDenied = (await looks.conf(PATIENCE)) === 'denied';
    confs.by(clock.now() + (confDenied ? DENIED : CONF_EVERY));
  });
  const wantConf = () => {
    if (spec.role === 'lb' && !confDenied) confs.by(Math.max(clock.now() + DUMP_AFTER, lastConf + CONF_DISTANCE));
  };
  const pings = createAlarm(clock, async () => {
    if (clock.now() - lastAsked > PING_AFTER / 2) await agent.ask('ping', PATIENCE).catch(() => {});
    pings.by(clock.now() + PING_AFTER);
  });
  const revive = createAlarm(clock, () => agent.close('a stream had ended, the agent was opened anew'));

  // The first snapshot travels with the script: the start of the shell is on its bill.
  const first = snap(options.timeout + START);
  if (spec.role === 'lb') {
    dumps.by(clock.now());
    // The shell does one thing at a time, and the first picture waits for the dump.
    confs.by(clock.now() + CONF_AFTER);
  }
  pings.by(clock.now() + PING_AFTER);
  return {
    first,
    tick: () => snap(options.timeout),
    refresh,
    wantDump,
    wantConf,
    /** Both at once, also where they were read just now or denied before. */
    readDeep: () => {
      if (spec.role !== 'lb') return;
      dumps.by(clock.now());
      confs.by(clock.now());
    },
    reviveStreams: () => revive.by(clock.now() + REVIVE),
    settled: () => clock.sleep(SETTLED),
    stop: () => {
      for (const alarm of [again, dumps, confs, pings, revive]) alarm.stop();
    },
  };
};
