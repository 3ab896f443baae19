import { freshness } from '../../cluster/aged.ts';
import type { VrrpInstance } from '../../cluster/readings.ts';
import { DUMP_INTERVAL, instancesOf, priorityOf, unitOf, vrrpStateOf } from '../../cluster/select.ts';
import type { NodeView, State } from '../../cluster/state.ts';
import { vipsOn } from '../parts/holder.ts';
import { isLit, markCell } from '../parts/marks.ts';
import { type Row, span } from '../parts/rows.ts';
import { asOf, howLong } from '../parts/times.ts';
import { failureWords } from '../parts/words.ts';
import type { Look, Role } from '../theme.ts';

const priorityWords = (state: State, node: NodeView): Row => {
  const { effective, base } = priorityOf(state, node);
  if (effective !== undefined && base !== undefined && effective !== base)
    return [span(` prio ${effective}/${base}`, 'warn')];
  if (effective !== undefined) return [span(` prio ${effective}`)];
  return base === undefined ? [] : [span(` prio ${base} configured`, 'dim')];
};

/** Since when by keepalived's own word, whose clock is the node's. */
const sinceWords = (state: State, node: NodeView, instance: VrrpInstance | undefined): string => {
  const offset = node.clock.value?.offset;
  if (instance?.lastTransition === undefined || offset === undefined) return '';
  const age = state.now.wall + offset - instance.lastTransition * 1000;
  return age < 0 ? '' : ` ${howLong(age)}`;
};

/** keepalived is asked only now and then; when the addresses have changed since, its word is old news. */
const isOvertaken = (state: State, node: NodeView): boolean =>
  state.topology.vips.some((vip) => {
    const holding = state.vips[vip]?.holdings[node.name];
    return holding !== undefined && node.dump.at !== undefined && holding.from > node.dump.at;
  });

const disagreement = (state: State, node: NodeView, word: string): string => {
  const { held, unseen } = vipsOn(state, node.name);
  if (unseen.length > 0 || state.topology.vips.length === 0) return '';
  if (word === 'MASTER' && held.length === 0) return 'but holds no VIP';
  return word === 'BACKUP' && held.length > 0 ? 'but holds VIPs' : '';
};

const unknownRow = (state: State, node: NodeView, look: Look): Row => {
  const { failure, at, value } = node.dump;
  const [instance] = value ?? [];
  const old =
    instance && at !== undefined && freshness(node.dump, state.now.mono, DUMP_INTERVAL) !== 'fresh'
      ? `was ${instance.state}, ${asOf(state.now.mono - at)}`
      : '';
  const why = [old, failure ? failureWords(failure) : ''].filter((text) => text !== '').join(': ') || 'not read yet';
  return [span(`${look.glyphs.unknown} unknown`, 'unknown'), span(`, ${why}`, 'dim'), ...priorityWords(state, node)];
};

const roles: Record<VrrpInstance['state'], Role> = { MASTER: 'accent', BACKUP: 'strong', INIT: 'warn', FAULT: 'bad' };

/** VRRP state and priority by keepalived's own word, with its age where the addresses tell otherwise. */
export const vrrpRow = (state: State, node: NodeView, look: Look): Row => {
  const key = `vrrp:${node.name}`;
  const mark = markCell(state, key, look);
  const { glyphs } = look;
  const unit = unitOf(state, node, 'keepalived');
  if (unit && unit.active !== 'active') return [mark, span(`${glyphs.bad} not running`, 'bad')];
  const word = vrrpStateOf(state, node);
  if (word === 'unknown') return [mark, ...unknownRow(state, node, look)];
  const instances = instancesOf(state, node) ?? [];
  const more = instances.length > 1 ? ` (${instances.length} instances)` : '';
  const doubt = disagreement(state, node, word);
  const age = state.now.mono - (node.dump.at ?? state.now.mono);
  const unseen = freshness(node.addresses, state.now.mono, state.topology.interval) !== 'fresh';
  if (unseen || (doubt !== '' && isOvertaken(state, node))) {
    return [
      mark,
      span(`${glyphs.stale} ${word}`, 'plain', { faded: true }),
      ...priorityWords(state, node),
      span(`, ${asOf(age)}`, 'dim'),
    ];
  }
  const sign = word === 'FAULT' ? glyphs.bad : word === 'INIT' || doubt !== '' ? glyphs.warn : glyphs.good;
  return [
    mark,
    span(sign, word === 'FAULT' ? 'bad' : doubt !== '' ? 'warn' : 'good'),
    span(` ${word}`, roles[word], { lit: isLit(state, key) }),
    span(doubt === '' ? '' : ` ${doubt}`, 'warn'),
    ...priorityWords(state, node),
    span(`${sinceWords(state, node, instances[0])}${more}`, 'dim'),
  ];
};
