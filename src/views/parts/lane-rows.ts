import type { State } from '../../cluster/state.ts';
import type { Look, Role } from '../theme.ts';
import { cells, cut } from './cells.ts';
import type { PlannedDrill } from './drill-now.ts';
import { shortNames } from './holder.ts';
import {
  type AnswerCell,
  answerCells,
  cellOf,
  type HolderCell,
  holderCells,
  type Scale,
  scaleOf,
  ticksOf,
} from './lanes.ts';
import { joined, type Row, span } from './rows.ts';
import { sourceRole } from './words.ts';

type Sign = { text: string; role: Role };

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** One sign for each load balancer: the digit at its name's end where that tells them apart, else a letter. */
export const balancerSigns = (names: readonly string[]): Map<string, string> => {
  const digits = names.map((name) => /([0-9])$/.exec(name)?.[1]);
  const apart = digits.every((digit) => digit !== undefined) && new Set(digits).size === names.length;
  return new Map(names.map((name, index) => [name, (apart ? digits[index] : letters[index]) ?? '+']));
};

const answerSign = (cell: AnswerCell, { glyphs }: Look): Sign => {
  const signs: Record<AnswerCell, Sign> = {
    none: { text: ' ', role: 'plain' },
    good: { text: glyphs.rule, role: 'good' },
    some: { text: glyphs.warn, role: 'warn' },
    lost: { text: glyphs.bad, role: 'bad' },
    unknown: { text: glyphs.unknown, role: 'unknown' },
  };
  return signs[cell];
};

/** Two bars for two holders, an empty cell for none. */
const holderSign = (cell: HolderCell, signs: Map<string, string>, state: State, { glyphs }: Look): Sign => {
  if (cell.held === 'one') return { text: signs.get(cell.node) ?? '+', role: sourceRole(state, cell.node) };
  if (cell.held === 'both') return { text: glyphs.frozen, role: 'bad' };
  return cell.held === 'nobody' ? { text: glyphs.empty, role: 'bad' } : { text: ' ', role: 'plain' };
};

/** Signs of one look beside each other become one piece. */
const packed = (signs: readonly Sign[]): Row => {
  const row: Row = [];
  for (const { text, role } of signs) {
    const last = row.at(-1);
    if (last?.role === role) last.text += text;
    else row.push(span(text, role));
  }
  return row;
};

const axisRow = (scale: Scale): string => {
  let text = '';
  for (const { cell, seconds } of ticksOf(scale)) {
    const label = String(seconds);
    if (cell < text.length || cell + label.length > scale.cells) continue;
    text = `${text.padEnd(cell)}${label}`;
  }
  return text;
};

/** Where the acts began, by their number as in the list of steps. */
const actsRow = (view: PlannedDrill, scale: Scale, look: Look): string => {
  let text = '';
  for (const [index, step] of view.plan.steps.entries()) {
    const from = view.steps[index]?.from;
    if (step.kind !== 'act' || from === undefined) continue;
    const label = `${look.glyphs.moved}${index + 1}`;
    const cell = Math.max(cellOf(scale, from), text.length === 0 ? 0 : text.length + 1);
    if (cell + cells(label) <= scale.cells) text = `${text.padEnd(cell)}${label}`;
  }
  return text;
};

/** What the signs of the chart mean, those that this drill needs, as many as fit. */
const legendOf = (view: PlannedDrill, state: State, look: Look, used: ReadonlySet<string>, width: number): Row => {
  const { glyphs } = look;
  const rows: Row[] = [
    ...[...balancerSigns(view.plan.balancers)].map(
      ([name, sign]): Row => [span(sign, sourceRole(state, name)), span(` ${cut(name, 16)}`, 'dim')],
    ),
    ...(used.has('nobody') ? [[span(glyphs.empty, 'bad' as const), span(' nobody', 'dim')]] : []),
    ...(used.has('both') ? [[span(glyphs.frozen, 'bad' as const), span(' both', 'dim')]] : []),
    [span(glyphs.rule, 'good'), span(' good', 'dim')],
    ...(used.has('lost') ? [[span(glyphs.bad, 'bad' as const), span(' lost', 'dim')]] : []),
    ...(used.has('some') ? [[span(glyphs.warn, 'warn' as const), span(' some lost', 'dim')]] : []),
    ...(used.has('unknown') ? [[span(glyphs.unknown, 'unknown' as const), span(' unknown', 'dim')]] : []),
  ];
  const kept = rows.filter((_, index) => {
    const row = joined(rows.slice(0, index + 1), span('  '));
    return row.reduce((sum, piece) => sum + cells(piece.text), 0) <= width;
  });
  return joined(kept, span('  '));
};

/**
 * The chart of a drill: by VIP who held it and how its requests fared, over the seconds since the drill began. `small`: one row for
 * each VIP, in which a lost answer hides the holder; no legend, no marks of the acts.
 */
export const laneRows = (view: PlannedDrill, state: State, look: Look, width: number, small: boolean): Row[] => {
  const { vips } = view.plan;
  const names = shortNames([...vips]);
  const label = Math.min(20, Math.max(3, ...[...names.values()].map(cells))) + 1;
  const kind = small ? 0 : 5;
  const to = (view.until ?? state.now).mono;
  const scale = scaleOf(view.from.mono, to, Math.max(10, width - label - kind));
  const signs = balancerSigns(view.plan.balancers);
  const used = new Set<string>();
  const named = (name: string): string => {
    const short = cut(name, label - 1, look.glyphs.ellipsis);
    return `${short}${' '.repeat(label - cells(short))}`;
  };
  const lanes = vips.flatMap((vip): Row[] => {
    const held = holderCells(view.holders[vip] ?? [], scale, to);
    const answers = answerCells(view.lanes[vip] ?? [], scale);
    for (const cell of held) used.add(cell.held);
    for (const cell of answers) used.add(cell);
    const holders = held.map((cell) => holderSign(cell, signs, state, look));
    const fared = answers.map((cell) => answerSign(cell, look));
    const name = named(names.get(vip) ?? vip);
    if (small) {
      const one = fared.map((sign, index) => {
        const holder = holders[index];
        return answers[index] === 'good' || answers[index] === 'none' ? (holder ?? sign) : sign;
      });
      return [[span(name, 'dim'), ...packed(one)]];
    }
    return [
      [span(name, 'dim'), span('held ', 'dim'), ...packed(holders)],
      [span(' '.repeat(label)), span('http ', 'dim'), ...packed(fared)],
    ];
  });
  const axis: Row = [span('s'.padEnd(label + kind), 'dim'), span(axisRow(scale), 'dim')];
  if (small) return [...lanes, axis];
  const acts = actsRow(view, scale, look);
  return [
    ...lanes,
    axis,
    ...(acts === '' ? [] : [[span('acts'.padEnd(label + kind), 'dim'), span(acts, 'accent')]]),
    legendOf(view, state, look, used, width),
  ];
};
