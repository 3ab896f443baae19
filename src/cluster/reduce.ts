import { takeAction, takeCommand } from './action-facts.ts';
import { age } from './aged.ts';
import { evidenceIn, withEvidence } from './cause.ts';
import { takeCheckLine } from './check-log.ts';
import { takeDrill, watchHolders } from './drill-facts.ts';
import type { Event } from './events.ts';
import { prove, settleAll } from './holding.ts';
import { withTopology } from './initial.ts';
import { takeDump, takeLink, takeSnapshot, withNode } from './node-facts.ts';
import { mark, notice } from './notice.ts';
import { takeHttp } from './probe.ts';
import type { Notice, State } from './state.ts';
import { headline } from './verdict.ts';

const journalSeverity = (message: string): Notice['severity'] => {
  if (/FAULT|emerg|crit|Failed|error|died|killed|invalid|mismatch|Unsafe|VIOLATION/i.test(message)) return 'bad';
  return /MASTER|BACKUP|Stopping|Stopped|Started|Reload|priority/.test(message) ? 'warn' : 'info';
};

const takeAddress = (state: State, event: Extract<Event, { kind: 'address' }>): State => {
  if (state.nodes[event.node]?.role !== 'lb' || !state.vips[event.address]) return state;
  return prove(state, event.node, event.address, event.op === 'add', state.now.mono);
};

const takeJournal = (state: State, event: Extract<Event, { kind: 'journal' }>): State => {
  const next = notice(state, {
    source: event.node,
    kind: 'journal',
    severity: journalSeverity(event.message),
    text: `${event.unit.replace(/\.service$/, '')}: ${event.message}`,
  });
  const evidence = evidenceIn(event.node, event.unit, event.message, state.now.mono);
  return evidence ? withEvidence(next, evidence) : next;
};

const takeStream = (state: State, event: Extract<Event, { kind: 'stream' }>): State => {
  const node = state.nodes[event.node];
  if (!node) return state;
  const old = node.streams[event.stream] ?? {};
  const next = withNode(state, {
    ...node,
    streams: { ...node.streams, [event.stream]: age(old, event.reading, state.now.mono) },
  });
  if (event.reading.ok || event.reading.failure.blame === 'path' || old.failure?.found === event.reading.failure.found)
    return next;
  const { found, advice } = event.reading.failure;
  return notice(next, {
    source: event.node,
    kind: 'remark',
    severity: 'warn',
    text: `${event.stream} cannot be followed: ${found}${advice ? ` (${advice})` : ''}`,
  });
};

const take = (state: State, event: Event): State => {
  switch (event.kind) {
    case 'topology':
      return withTopology(state, event.topology, event.at);
    case 'tick':
      return settleAll(state);
    case 'link':
      return takeLink(state, event);
    case 'snapshot':
      return takeSnapshot(state, event.node, event.asked, event.reading);
    case 'dump':
      return takeDump(state, event.node, event.reading);
    case 'configuration': {
      const node = state.nodes[event.node];
      return node
        ? withNode(state, { ...node, configuration: age(node.configuration, event.reading, state.now.mono) })
        : state;
    }
    case 'address':
      return takeAddress(state, event);
    case 'journal':
      return takeJournal(state, event);
    case 'check-log':
      return takeCheckLine(state, event.node, event.line);
    case 'stream':
      return takeStream(state, event);
    case 'http':
      return takeHttp(state, event.target, event.asked, event.result);
    case 'note':
      return notice(mark(state, `note:${event.node}`), {
        source: event.node,
        kind: 'note',
        severity: event.outcome.ok ? 'good' : 'bad',
        text: event.outcome.ok ? `note written: ${event.text}` : `note not written: ${event.outcome.failure.found}`,
      });
    case 'action':
      return takeAction(state, event);
    case 'command':
      return takeCommand(state, event);
    case 'drill':
      return takeDrill(state, event);
    case 'remark':
      return notice(state, { source: 'console', kind: 'remark', severity: event.severity, text: event.text });
    case 'clear':
      return { ...state, marks: {} };
  }
};

/** The one way state changes: a fact comes in, the next state comes out. Pure; live and replay use the same. */
export const reduce = (state: State, event: Event): State =>
  headline(watchHolders(take({ ...state, now: event.at }, event)));
