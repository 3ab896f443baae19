import type { Fact } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';
import type { Remote } from '../ssh/remote.ts';
import { type Agent, openAgent } from './agent/agent.ts';
import { type AgentSpec, agentScript } from './agent/script.ts';
import type { Clock } from './clock.ts';
import { createLooks, failureOf, silence } from './looks.ts';
import { attend, streamsOf } from './node-session.ts';
import { createPushed } from './pushed.ts';
import { schedule } from './schedule.ts';

/** The node to look at, the way to it, what runs there, and where the facts go. */
export type NodeProbeOptions = {
  spec: { name: string; role: 'lb' | 'web' };
  remote: Remote;
  services: AgentSpec['services'];
  checkLog: string;
  /** `sudo`: what needs root goes through `sudo -n` where the user is not root. */
  sudo: AgentSpec['sudo'];
  /** ms between snapshots, on the clock's grid. */
  interval: number;
  /** ms that a snapshot may take. For `lookNode` the whole look, connecting included. */
  timeout: number;
  clock: Clock;
  emit: (fact: Fact) => void;
  /** Whether the way to the node answered after `since` (mono ms): decides who is to blame for silence. */
  pathAlive: (since: number) => Promise<boolean>;
  signal: AbortSignal;
  /** Where keepalived writes its dumps; tests only. */
  dumpDirectory?: string;
};

const specOf = (options: NodeProbeOptions, streams: boolean): AgentSpec => ({
  role: options.spec.role,
  services: options.services,
  checkLog: options.checkLog,
  sudo: options.sudo,
  streams,
  ...(options.dumpDirectory === undefined ? {} : { dumpDirectory: options.dumpDirectory }),
});

/** Waits before the agent is opened again, ms: the first, the longest while the link is away, and while the node's shell refuses. */
const AGAIN = { first: 250, link: 2000, shell: 30_000 };
/** An agent that lived this long, ms, was a good one. */
const GOOD_LIFE = 10_000;

/** A watch on one node. */
export type NodeWatch = { refresh(): void; readDeep(): void; done: Promise<void> };

/**
 * Watches one node until the signal fires: keeps an agent there, emits what it sees and what cannot be seen. Streams are hints,
 * snapshots are truth. `refresh` asks for a look now, `readDeep` for keepalived's own view and its file; `done` resolves after the end and rejects only for a fault of ours.
 */
export const watchNode = (options: NodeProbeOptions): NodeWatch => {
  const { clock, emit, signal, remote } = options;
  const node = options.spec.name;
  const spec = specOf(options, true);
  const script = agentScript(spec);
  const tags = streamsOf(spec);
  let session: ReturnType<typeof attend> | undefined;
  let trouble: Failure | undefined;

  const pushed = createPushed({
    node,
    emit: (fact) => !signal.aborted && emit(fact),
    onAddress: () => {
      session?.refresh();
      session?.wantDump();
    },
    onTransition: () => {
      session?.wantDump();
      session?.wantConf();
    },
  });

  const live = async (agent: Agent): Promise<void> => {
    const mine = attend({ ...options, emit: (fact) => !signal.aborted && emit(fact) }, spec, agent);
    session = mine;
    let alive = true;
    void agent.ready.then(async (ready) => {
      if (!ready) return;
      trouble = undefined;
      await mine.settled();
      if (alive) pushed.settled(tags);
    });
    trouble = await agent.closed;
    alive = false;
    mine.stop();
    session = undefined;
    pushed.gone(tags, trouble);
    await mine.first;
  };

  const keepOpen = async (): Promise<void> => {
    let wait = AGAIN.first;
    while (!signal.aborted) {
      const since = clock.now();
      try {
        const agent = await openAgent({
          remote,
          script,
          clock,
          signal,
          onLine: pushed.line,
          onEnd: (tag, rc) => pushed.end(tag, rc) && session?.reviveStreams(),
        });
        await live(agent);
      } catch (error) {
        trouble = failureOf(error, node);
      }
      if (clock.now() - since > GOOD_LIFE) wait = AGAIN.first;
      await clock.sleep(wait, signal).catch(() => {});
      wait = Math.min(2 * wait, trouble?.step === 'command' ? AGAIN.shell : AGAIN.link);
    }
  };

  const tick = async (): Promise<void> => {
    if (session) await session.tick();
    else if (trouble && !signal.aborted)
      emit({ kind: 'snapshot', node, asked: clock.now(), reading: { ok: false, failure: trouble } });
  };

  const looking = schedule({ clock, interval: options.interval, signal, run: tick });
  return {
    refresh: () => session?.refresh(),
    readDeep: () => session?.readDeep(),
    done: Promise.all([keepOpen(), looking]).then(() => {}),
  };
};

/**
 * Looks at one node once, as fast as it goes, and leaves: a snapshot, and on a load balancer keepalived's own view and the
 * configuration. Emits one fact for each, whatever happens. Never rejects.
 */
export const lookNode = async (options: NodeProbeOptions): Promise<void> => {
  const { clock, emit, signal, remote, timeout } = options;
  const node = options.spec.name;
  const spec = specOf(options, false);
  const asked = clock.now();
  const stop = new AbortController();
  const abandon = () => stop.abort(signal.reason);
  if (signal.aborted) abandon();
  signal.addEventListener('abort', abandon, { once: true });
  let expired = false;
  const timer = new AbortController();
  clock.sleep(timeout, timer.signal).then(
    () => {
      expired = true;
      stop.abort(new Error('deadline'));
    },
    () => {},
  );
  try {
    const agent = await openAgent({ remote, script: agentScript(spec), clock, signal: stop.signal });
    timer.abort();
    const left = Math.max(1, asked + timeout - clock.now());
    const looks = createLooks(options, spec, agent);
    const lb = spec.role === 'lb';
    await Promise.all([looks.snap(left, () => {}), lb && looks.dump(left), lb && looks.conf(left)]);
    agent.close();
  } catch (error) {
    const failure = expired ? await silence(options, asked, `no shell within ${timeout} ms`) : failureOf(error, node);
    emit({ kind: 'snapshot', node, asked, reading: { ok: false, failure } });
  } finally {
    timer.abort();
    signal.removeEventListener('abort', abandon);
  }
};
