import { ask, lastLine, lineOf } from '../actions/ask.ts';
import { contextOf } from '../actions/catalog.ts';
import { COMMAND_DEADLINE, execute } from '../actions/execute.ts';
import { checkReload, runningFile } from '../actions/reload-check.ts';
import { findRights, type Rights, wayToRoot } from '../actions/rights.ts';
import type { DrillFact } from '../cluster/drill.ts';
import type { Fact } from '../cluster/events.ts';
import { failureText } from '../cluster/failure.ts';
import type { State } from '../cluster/state.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { type DrillCommand, FILES } from '../drills/deed.ts';
import type { Ports, Ran } from '../drills/ports.ts';
import type { Network } from '../ssh/remote.ts';
import type { Busy } from './busy.ts';
import { createTimers } from './drill-timers.ts';
import { until, type Waiting } from './fresh-look.ts';
import type { SessionRecord } from './record.ts';
import { turnsOn } from './turns.ts';

/** A look at a file or a hash is over in a moment; a node that does not answer is waited for so long, ms. */
const PATIENCE = 8000;

/** What a drill needs of the session around it. */
export type DrillSession = Waiting & {
  config: Pick<ClusterConfig, 'services' | 'ssh' | 'timeout'>;
  network: Pick<Network, 'remote'>;
  /** `user@host` of who sits here. */
  author: string;
  busy: Busy;
  /** What is begun is on disk before. */
  record: Pick<SessionRecord, 'objection' | 'cleared' | 'saved'>;
  state(): State;
  dispatch(fact: Fact): void;
  /** A look at this node now. */
  refresh(node: string): void;
};

/** What one drill is told by beside the session. */
export type DrillRun = {
  name: string;
  /** Seconds. */
  restoreAfter: number;
  emit(fact: DrillFact): void;
  measure: Ports['measure'];
  endMeasuring: Ports['endMeasuring'];
};

/** The world of one drill: the live session, with the nodes it arms kept from everything else until `release`. */
export const createPorts = (session: DrillSession, run: DrillRun): { ports: Ports; release(): void } => {
  const { config, network, state } = session;
  const how = (signal: AbortSignal) => ({ sudo: config.ssh.sudo, signal });
  const roots = new Map<string, Promise<Rights>>();
  /** How a node is made root of, asked once; a failure is asked about again. */
  const rootOf = (node: string, signal: AbortSignal): Promise<Rights> => {
    const known = roots.get(node);
    if (known) return known;
    const asked = wayToRoot(network.remote(node), how(signal));
    roots.set(node, asked);
    asked.then((rights) => rights.ok || roots.delete(node)).catch(() => roots.delete(node));
    return asked;
  };
  const timers = createTimers({
    remote: (node) => network.remote(node),
    rootOf,
    author: session.author,
    wall: session.clock.wall,
    readOnly: () => state().topology.readOnly,
    busy: session.busy,
    record: session.record,
    drill: run.name,
  });

  const runOne = async (
    node: string,
    prefix: readonly string[],
    command: DrillCommand,
    signal: AbortSignal,
  ): Promise<Ran> => {
    const line = lineOf([...prefix, ...command.words]);
    const ran = await execute({
      remote: network.remote(node),
      commands: [line],
      readOnly: state().topology.readOnly,
      signal,
      now: session.clock.now,
      deadline: COMMAND_DEADLINE,
      ...(command.input === undefined ? {} : { input: command.input }),
      started: () => session.record.saved(),
      ended: (_, result) => session.dispatch({ kind: 'command', action: 0, node, command: line, result }),
    });
    if (ran.end === 'all-ran') return ran;
    if (ran.end === 'lost') return { end: 'lost', text: failureText(ran.failure) };
    if (ran.end === 'halted') return { end: 'failed', command: line, text: ran.why };
    const status = ran.code === null ? 'was ended by a signal' : `ended with ${ran.code}`;
    return { end: 'failed', command: line, text: `${line} ${status}${ran.stderr ? `: ${ran.stderr}` : ''}` };
  };

  const ports: Ports = {
    now: session.clock.now,
    state,
    listen: session.onEvent,
    emit: run.emit,
    until: (holds, ms, signal) => until({ ...session, signal: AbortSignal.any([session.signal, signal]) }, holds, ms),
    refresh: (nodes) => {
      for (const node of nodes) session.refresh(node);
    },
    context: (node) => ({
      units: contextOf(state(), { kind: 'cancel-restore', node }, config.services).units,
      files: FILES,
    }),
    ask: async (node, words, signal) => {
      const root = await rootOf(node, signal);
      if (!root.ok) return root;
      return ask(network.remote(node), [...root.prefix, ...words], { signal, timeout: PATIENCE });
    },
    rights: async (node, commands, undo, signal) => {
      const remote = network.remote(node);
      const blocked = await timers.blocked(node, signal);
      if (blocked) return { ok: false, failure: blocked };
      const rights = await findRights(remote, [...commands, ...timers.commands(run.restoreAfter, undo)], how(signal));
      return rights.ok ? { ok: true, value: true } : rights;
    },
    reloadable: async (node, signal) => {
      const root = await rootOf(node, signal);
      if (!root.ok) return root;
      const seen = state().nodes[node];
      const check = await checkReload(network.remote(node), {
        prefix: root.prefix,
        file: seen && runningFile(seen),
        signal,
      });
      if (!check.ok) return { ok: true, value: check.refusal.text };
      return { ok: true, value: check.unread ? (check.lines[0]?.text ?? 'its file could not be tested') : null };
    },
    turn: (signal) => turnsOn(state(), network, { signal, timeout: config.timeout }),
    run: async (node, commands, signal) => {
      try {
        const root = await rootOf(node, signal);
        if (!root.ok) return { end: 'refused', text: failureText(root.failure) };
        for (const command of commands) {
          const ran = await runOne(node, root.prefix, command, signal);
          if (ran.end !== 'all-ran') return ran;
        }
        return { end: 'all-ran' };
      } catch (error) {
        return { end: 'refused', text: lastLine(error instanceof Error ? error.message : String(error)) };
      }
    },
    arm: timers.arm,
    extend: timers.extend,
    disarm: timers.disarm,
    measure: run.measure,
    endMeasuring: run.endMeasuring,
  };
  return { ports, release: timers.release };
};
