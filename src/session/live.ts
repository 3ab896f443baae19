import type { Event, Fact } from '../cluster/events.ts';
import { initialState } from '../cluster/initial.ts';
import { reduce } from '../cluster/reduce.ts';
import type { State } from '../cluster/state.ts';
import type { NodeSpec, Topology } from '../cluster/topology.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Drill } from '../drills/drill.ts';
import type { Clock } from '../probes/clock.ts';
import { type NodeWatch, watchNode } from '../probes/node.ts';
import { schedule } from '../probes/schedule.ts';
import { admit } from '../recording/admit.ts';
import type { Source } from '../recording/source.ts';
import type { Closed } from '../recording/write.ts';
import type { Network, Prompter } from '../ssh/remote.ts';
import { createActionDesk } from './action-desk.ts';
import { createBusy } from './busy.ts';
import { discover } from './discover.ts';
import { createDrillDesk } from './drill-desk.ts';
import { createLooks } from './looks.ts';
import { createNoteDesk } from './note-desk.ts';
import { createPromptDesk } from './prompts.ts';
import { createPublisher } from './publisher.ts';
import { type RecordOptions, recordSession } from './record.ts';
import { askInRounds } from './rounds.ts';
import type { DrillDesk, NoteOutcome, Picture, RecordingView, SessionStore } from './store.ts';
import { endpointsOf } from './targets.ts';

/** How often the state is judged anew without news, ms: proofs grow old, budgets run out. */
const TICK = 250;
/** News of one moment become one picture, ms. */
const GATHER = 4;
/** From the start, ms: pictures do not wait for the beat. */
const EAGER = 2000;
/** How long the first probes stand back for the logins, ms. */
const HEAD_START = 250;
/** Where in each second the beat comes, ms: snapshots begin at 0 and probes at 300, and those of a near cluster are in. */
const BEAT_OFFSET = 450;

export type LiveSession = SessionStore &
  DrillDesk & {
    /** The state as it is, not as it was last shown. */
    state(): State;
    /** Called with every fact as it comes in. */
    onEvent(listener: (event: Event) => void): () => void;
    /** Appends a line to the check log of these nodes; absent: of every load balancer. Never throws. */
    note(text: string, nodes?: readonly string[]): Promise<NoteOutcome[]>;
    /** Says something in the event log. */
    remark(severity: 'info' | 'warn' | 'bad', text: string): void;
    recording(): RecordingView;
    /** The newest hours of this session as a session to play back, recorded or not; it grows. Undefined in its first moments. */
    memory(): Source | undefined;
    /** Ends everything and closes the record: what it is called now, and its head hash. A second call waits for the same. */
    stop(): Promise<Closed | undefined>;
  };

/** Starts looking: connects, watches every node, asks every endpoint, and folds what comes into one state. Returns at once. */
export const startLive = (options: {
  config: ClusterConfig;
  topology: Topology;
  clock: Clock;
  /** Called once with the prompter that shows questions in the console. */
  connect: (prompter: Prompter) => Network;
  /** Who writes a note, as it stands in the note: `user@host`. */
  author: string;
  /** Drills of one's own. Where they cannot be read the session goes on without, and says so. */
  drills?: readonly Drill[] | Promise<readonly Drill[]>;
  /** Absent: nothing is recorded. */
  record?: RecordOptions;
}): LiveSession => {
  const { config, clock } = options;
  const stop = new AbortController();
  const now = () => ({ mono: clock.now(), wall: clock.wall() });
  const listeners = new Set<(event: Event) => void>();
  const watchers = new Map<string, NodeWatch>();
  const running: Promise<unknown>[] = [];
  const endpoints = endpointsOf(config);
  let state = initialState(options.topology, now());
  let prompt: Picture['prompt'] = null;

  const record = recordSession(state, options.record, {
    now: clock.now,
    changed: () => show(true),
    say: (severity, text) => dispatch({ kind: 'remark', severity, text }),
  });
  const publisher = createPublisher<Picture>({
    initial: { state, prompt, recording: { phase: 'off' } },
    state: (picture) => picture.state,
    gather: GATHER,
    eager: EAGER,
  });
  const show = (urgent = false) => publisher.offer({ state, prompt, recording: record.view() }, urgent);
  show();
  const questions = createPromptDesk((open) => {
    prompt = open;
    show(true);
  });
  const network = options.connect(questions.prompter);

  const onEvent: LiveSession['onEvent'] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  const dispatch = (given: Fact) => {
    if (stop.signal.aborted) return;
    const fact = admit(given);
    const event: Event = { ...fact, at: now() };
    state = reduce(state, event);
    record.take(event, state);
    show();
    for (const listener of listeners) listener(event);
    if (fact.kind === 'address' && state.vips[fact.address])
      for (const node of state.topology.nodes) if (node.role === 'lb') watchers.get(node.name)?.refresh();
    if (fact.kind === 'configuration' && fact.reading.ok) extend(discover(config, state.topology, fact.reading.value));
  };

  const { atNode, ask, get } = createLooks({ config, network, clock, signal: stop.signal, emit: dispatch });
  const complain = (error: unknown) => {
    if (!stop.signal.aborted)
      dispatch({ kind: 'remark', severity: 'bad', text: `internal error: ${String(error).slice(0, 200)}` });
  };
  const keep = (work: Promise<unknown>) => void running.push(work.catch(complain));

  const watch = (spec: NodeSpec) => {
    const watcher = watchNode(atNode(spec, config.timeout));
    watchers.set(spec.name, watcher);
    keep(watcher.done);
  };

  const extend = (found: ReturnType<typeof discover>) => {
    if (!found) return;
    dispatch({ kind: 'topology', topology: found.topology });
    for (const node of found.nodes) {
      network.addNode(node);
      watch(node);
    }
    endpoints.push(...found.endpoints);
  };

  let headStart = false;
  /** While the last jump host is being connected to, probes would only wait for it and say nothing new. */
  const isWayOpen = () =>
    config.http.via === 'direct' || (!headStart && state.hops.at(-1)?.link.phase !== 'connecting');
  const rounds = askInRounds({
    clock,
    interval: config.interval,
    endpoints,
    signal: stop.signal,
    ready: isWayOpen,
    ask,
    failed: complain,
  });
  /** The first answers of a way that has just opened; the logins of the nodes go before, the picture needs both. */
  const askSoon = async () => {
    const since = clock.now();
    headStart = true;
    const busy = () => state.topology.nodes.some((node) => state.nodes[node.name]?.link.phase === 'connecting');
    while (busy() && clock.now() - since < HEAD_START) await clock.sleep(10, stop.signal);
    headStart = false;
    rounds.now();
  };
  const unlink = network.onLink((node, link) => {
    dispatch({ kind: 'link', node, link });
    if (link.phase === 'up' && node === state.hops.at(-1)?.name && config.http.via === 'jump')
      askSoon().catch(() => {});
  });
  network.start();
  for (const node of options.topology.nodes) watch(node);
  keep(rounds.done);
  if (isWayOpen()) rounds.now();
  keep(schedule({ clock, interval: TICK, signal: stop.signal, run: async () => dispatch({ kind: 'tick' }) }));
  keep(
    schedule({ clock, interval: 1000, offset: BEAT_OFFSET, signal: stop.signal, run: async () => publisher.publish() }),
  );

  const desk = {
    config,
    network,
    clock,
    signal: stop.signal,
    author: options.author,
    state: () => state,
    dispatch,
    record,
  };
  const nodes = { onEvent, busy: createBusy(), refresh: (node: string) => watchers.get(node)?.refresh() };
  const actions = createActionDesk({ ...desk, ...nodes, readDeep: (node) => watchers.get(node)?.readDeep() });
  let own: readonly Drill[] = [];
  if (options.drills instanceof Promise)
    options.drills.then(
      (read) => {
        own = read;
      },
      (error: Error) =>
        dispatch({ kind: 'remark', severity: 'bad', text: `own drills: ${visibleText(error.message, 300)}` }),
    );
  else own = options.drills ?? [];
  const drills = createDrillDesk({ ...desk, ...nodes, own: () => own, get });

  const end = async () => {
    unlink();
    stop.abort(new Error('the console was left'));
    publisher.stop();
    const closing = record.close();
    await Promise.allSettled([network.close(), ...running]);
    return await closing;
  };
  let ended: ReturnType<typeof end> | undefined;

  return {
    get: publisher.get,
    subscribe: publisher.subscribe,
    state: () => state,
    onEvent,
    remark: (severity, text) => dispatch({ kind: 'remark', severity, text }),
    clear: () => dispatch({ kind: 'clear' }),
    note: createNoteDesk(desk),
    ...actions,
    ...drills,
    drills,
    answer: questions.answer,
    retry: () => network.retry(),
    recording: record.view,
    memory: record.memory,
    stop: () => {
      ended ??= end();
      return ended;
    },
  };
};
