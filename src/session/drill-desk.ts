import type { Confirmation } from '../cluster/action.ts';
import type { DrillFact, DrillOutcome } from '../cluster/drill.ts';
import type { HttpResult } from '../cluster/events.ts';
import type { ClusterConfig, HttpTarget } from '../config/cluster-config.ts';
import { builtInDrills, findDrill } from '../drills/catalog/built-in.ts';
import type { Drill } from '../drills/drill.ts';
import { gateOf } from '../drills/gate.ts';
import { look } from '../drills/opening.ts';
import { makePlan } from '../drills/plan.ts';
import type { Ports } from '../drills/ports.ts';
import { runDrill } from '../drills/run.ts';
import type { Network } from '../ssh/remote.ts';
import { startMeasuring } from './drill-measure.ts';
import { createPorts, type DrillSession } from './drill-ports.ts';
import type { DrillDesk } from './store.ts';

/** Seconds after which the nodes heal themselves, where nothing else is said. */
export const RESTORE_AFTER = 300;

/** What the desk needs of the session around it. */
export type DrillDeskOptions = Omit<DrillSession, 'network'> & {
  config: Pick<ClusterConfig, 'services' | 'ssh' | 'http' | 'timeout' | 'vips'>;
  network: Pick<Network, 'remote' | 'ping' | 'dial'>;
  /** Drills of one's own; they may come later than the session. */
  own(): readonly Drill[];
  /** One request for the close measurement. Never rejects. */
  get(name: string, target: HttpTarget, signal: AbortSignal): Promise<HttpResult>;
};

/** The drill under way: how it is ended, and the step that waits. */
type Running = { name: string; stop: AbortController; leave: AbortController; next?: () => void };

const NONE: Pick<Ports, 'measure' | 'endMeasuring'> = { measure: () => {}, endMeasuring: async () => {} };

/** Plans and runs drills on a live session, one at a time. */
export const createDrillDesk = (options: DrillDeskOptions): DrillDesk => {
  const { config, network, clock, author, state, dispatch } = options;
  let running: Running | undefined;
  let nextId = 1;

  const list = (): readonly Drill[] => [...builtInDrills(), ...options.own()];
  const find = (name: string): Drill | undefined => findDrill(name, options.own());

  const touches = (drill: Drill): boolean =>
    [drill, ...(drill.parts ?? []).flatMap((part) => find(part) ?? [])].some((one) =>
      [...one.setup, ...one.method, ...one.restore].some((step) => 'act' in step),
    );

  /** What touches nothing takes a key, what does takes a word, a protected cluster takes its name. */
  const confirmationOf = (drill: Drill): Confirmation =>
    state().topology.protected
      ? { kind: 'type', word: state().topology.name }
      : touches(drill)
        ? { kind: 'type', word: 'yes' }
        : { kind: 'press', key: 'y' };

  const measuring = (emit: (fact: DrillFact) => void): Pick<Ports, 'measure' | 'endMeasuring'> => {
    let end: (() => Promise<void>) | undefined;
    return {
      measure: (what) => {
        end = startMeasuring(what, {
          clock,
          network,
          via: config.http.via,
          deadline: config.timeout,
          targetOf: (vip) =>
            config.vips.find((one) => one.address === vip)?.http ?? { ...config.http.defaults, address: vip },
          ask: options.get,
          state,
          emit,
        });
      },
      endMeasuring: async () => {
        await end?.();
        end = undefined;
      },
    };
  };

  const noDrill = (name: string): string =>
    `no drill is named ${name}; there is ${list()
      .map((drill) => drill.name)
      .join(', ')}`;

  const planDrill: DrillDesk['planDrill'] = async (name, { restoreAfter = RESTORE_AFTER, patience } = {}) => {
    const drill = find(name);
    if (!drill) return { ok: false, reasons: [noDrill(name)] };
    if (running) return { ok: false, reasons: [`the drill ${running.name} is under way`] };
    const unrecorded = await options.record.cleared();
    if (unrecorded !== null) return { ok: false, reasons: [unrecorded] };
    const { ports } = createPorts(options, { name, restoreAfter, emit: () => {}, ...NONE });
    try {
      const looked = await look(
        drill,
        ports,
        {
          id: 0,
          find,
          author,
          restoreAfter,
          confirmed: true,
          stop: options.signal,
          leave: options.signal,
          ...(patience === undefined ? {} : { patience }),
        },
        options.signal,
      );
      return looked.ok
        ? { ok: true, plan: looked.plan, confirmation: confirmationOf(drill) }
        : { ok: false, reasons: looked.reasons };
    } catch (error) {
      return { ok: false, reasons: [`internal error: ${String(error).slice(0, 200)}`] };
    }
  };

  const refused = (emit: (fact: DrillFact) => void, drill: string, reason: string): DrillOutcome => {
    const outcome: DrillOutcome = {
      status: 'refused',
      verdict: 'unknown',
      restored: true,
      summary: `refused, nothing was touched: ${reason}`,
      commands: [],
      exit: 2,
    };
    emit({ what: 'gate', drill, open: false, reasons: [reason] });
    emit({ what: 'over', outcome });
    return outcome;
  };

  const run: DrillDesk['runDrill'] = async (
    name,
    given,
    { restoreAfter = RESTORE_AFTER, step = false, patience } = {},
  ) => {
    const id = nextId++;
    const emit = (fact: DrillFact) => dispatch({ kind: 'drill', id, fact });
    const drill = find(name);
    if (!drill) return refused(emit, name, noDrill(name));
    const confirmation = confirmationOf(drill);
    const word = confirmation.kind === 'press' ? confirmation.key : confirmation.word;
    if (given !== word) return refused(emit, name, `not confirmed: that takes ${word}`);
    if (running) return refused(emit, name, `the drill ${running.name} is under way`);
    const mine: Running = { name, stop: new AbortController(), leave: new AbortController() };
    running = mine;
    const unrecorded = await options.record.cleared();
    if (unrecorded !== null) {
      running = undefined;
      return refused(emit, name, unrecorded);
    }
    const { ports, release } = createPorts(options, { name, restoreAfter, emit, ...measuring(emit) });
    try {
      const { outcome } = await runDrill(drill, ports, {
        id,
        find,
        author,
        restoreAfter,
        confirmed: true,
        stop: mine.stop.signal,
        // Once the session is left nothing can be put back from here: the timers stand for it.
        leave: AbortSignal.any([mine.leave.signal, options.signal]),
        ...(patience === undefined ? {} : { patience }),
        ...(step ? { beforeStep: (_, __, signal) => waitFor(mine, signal) } : {}),
      });
      return outcome;
    } finally {
      release();
      running = undefined;
    }
  };

  const glance: DrillDesk['glance'] = (name) => {
    const drill = find(name);
    if (!drill) return noDrill(name);
    const { ports } = createPorts(options, { name, restoreAfter: RESTORE_AFTER, emit: () => {}, ...NONE });
    const planned = makePlan(drill, {
      find,
      state: state(),
      author,
      restoreAfter: RESTORE_AFTER,
      context: ports.context,
    });
    const gate = gateOf(drill, planned.ok ? planned.plan : { reasons: planned.reasons }, state(), {
      confirmed: true,
      against: [],
      own: [],
      ...(running ? { running: running.name } : {}),
    });
    return gate.open ? null : (gate.reasons[0] ?? null);
  };

  return {
    list,
    glance,
    planDrill,
    runDrill: run,
    nextStep: () => running?.next?.(),
    endDrill: (how) => (how === 'leave' ? running?.leave : running?.stop)?.abort(new Error('a person ended the drill')),
  };
};

/** Resolves when a person lets the step begin, or the drill ends. */
const waitFor = (running: Running, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      delete running.next;
      signal.removeEventListener('abort', go);
      resolve();
    };
    running.next = go;
    signal.addEventListener('abort', go, { once: true });
    if (signal.aborted) go();
  });
