import { freshness } from '../../cluster/aged.ts';
import type { Unit } from '../../cluster/readings.ts';
import { isFrozen, processesOf } from '../../cluster/select.ts';
import type { NodeView, ServiceView, State } from '../../cluster/state.ts';
import type { ServiceName } from '../../cluster/topology.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { isLit, markCell } from '../parts/marks.ts';
import { type Row, span, whole } from '../parts/rows.ts';
import { asOf, howLong } from '../parts/times.ts';
import { failureWords } from '../parts/words.ts';
import type { Look } from '../theme.ts';

const stateWords = (unit: Unit, look: Look): { text: string; role: 'good' | 'warn' | 'bad' } => {
  const { glyphs } = look;
  const why = unit.active === 'failed' && unit.result !== '' ? ` (${visibleText(unit.result, 40)})` : '';
  const masked = unit.load === 'masked' || unit.file === 'masked' ? ' masked' : '';
  const text = `${visibleText(unit.active, 20)}${why}${masked}`;
  if (unit.active === 'active') return { text: `${glyphs.good} ${text}`, role: 'good' };
  if (unit.active === 'failed' || unit.active === 'inactive') return { text: `${glyphs.bad} ${text}`, role: 'bad' };
  return { text: `${glyphs.warn} ${text}`, role: 'warn' };
};

const processWords = (state: State, node: NodeView, service: ServiceName, active: boolean): Row => {
  const processes = processesOf(state, node, service);
  if (processes === undefined) return [span(' ? proc', 'unknown')];
  return [span(` ${processes.length} proc`, active && processes.length === 0 ? 'bad' : 'plain')];
};

const unknownWords = (view: ServiceView, now: number, look: Look): Row => {
  const { unit } = view;
  const why = unit.failure ? ` ${failureWords(unit.failure)}` : '';
  if (!unit.value || unit.at === undefined)
    return [span(`${look.glyphs.unknown} unknown${why === '' ? '' : `:${why}`}`, 'unknown')];
  return [
    span(`${look.glyphs.unknown} unknown`, 'unknown'),
    span(` was ${visibleText(unit.value.active, 20)}, ${asOf(now - unit.at)}${why === '' ? '' : `:${why}`}`, 'dim'),
  ];
};

/** What a service is called in a pane: the unit found for `web`, else its own name. */
export const serviceLabel = (node: NodeView, service: ServiceName): string => {
  const id = node.services[service]?.unit.value?.id;
  return service === 'web' && id ? visibleText(id.replace(/\.service$/, ''), 20) : service;
};

/** A service in one line: state, processes, since when; what is old is shown as old, what is unknown with its reason. */
export const serviceRow = (state: State, node: NodeView, service: ServiceName, look: Look, width: number): Row => {
  const key = `service:${node.name}:${service}`;
  const mark = markCell(state, key, look);
  const view = node.services[service];
  const now = state.now.mono;
  if (!view) return [mark, span(`${look.glyphs.waiting} not looked at yet`, 'unknown')];
  const { value: unit, at = 0 } = view.unit;
  const age = freshness(view.unit, now, state.topology.interval);
  if (!unit || age === 'unknown') return [mark, ...unknownWords(view, now, look)];
  const words = stateWords(unit, look);
  if (age === 'stale') {
    return [
      mark,
      span(`${look.glyphs.stale} ${visibleText(unit.active, 20)}`, 'plain', { faded: true }),
      span(` ${asOf(now - at)}`, 'dim'),
    ];
  }
  if (isFrozen(state, node, service)) {
    const frozen = `${look.glyphs.bad} FROZEN (STAT T)`;
    return [
      mark,
      span(frozen, 'bad', { lit: isLit(state, key) }),
      span(`, systemd says ${visibleText(unit.active, 20)}`, 'dim'),
    ];
  }
  const since = unit.age === undefined ? '' : ` ${howLong(unit.age * 1000 + now - at)}`;
  const first: Row = [mark, span(words.text, words.role, { lit: isLit(state, key) })];
  const count = processWords(state, node, service, unit.active === 'active');
  // What is wrong is never left out for want of room; it is cut visibly.
  if (count.some((piece) => piece.role === 'bad')) return [...first, ...count, span(since, 'dim')];
  return whole(first, [count, [span(since, 'dim')]], width);
};
