import type { ExpectationResult } from '../../cluster/drill.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Look, Role } from '../theme.ts';
import { cells } from './cells.ts';
import { currentStep, type PlannedDrill } from './drill-now.ts';
import { ends, joined, type Row, rowCells, span } from './rows.ts';
import { wrapped } from './wrapped.ts';

const resultSigns: Record<ExpectationResult['result'], { glyph: 'good' | 'bad' | 'unknown'; role: Role }> = {
  pass: { glyph: 'good', role: 'good' },
  fail: { glyph: 'bad', role: 'bad' },
  unknown: { glyph: 'unknown', role: 'unknown' },
};

const resultOf = (view: PlannedDrill, index: number): ExpectationResult | undefined =>
  view.expectations.find((one) => one.index === index);

/** What is read first: what failed, then what could not be told, then what passed, then what is open. */
const rank = { fail: 0, unknown: 1, pass: 2 };
const worstFirst = (view: PlannedDrill, indices: number[]): number[] => {
  const of = (index: number): number => {
    const one = resultOf(view, index);
    return one ? rank[one.result] : 3;
  };
  return indices.sort((a, b) => of(a) - of(b) || a - b);
};

const expectationRow = (view: PlannedDrill, index: number, look: Look, width: number, small: boolean): Row[] => {
  const wanted = view.plan.expectations[index];
  if (!wanted) return [];
  const result = resultOf(view, index);
  const { glyph, role } = result ? resultSigns[result.result] : { glyph: 'waiting' as const, role: 'dim' as const };
  const text = visibleText(`${wanted.part === undefined ? '' : `${wanted.part}: `}${wanted.text}`, 300);
  const found = result ? visibleText(result.measured, 200) : '';
  const tone: Role = result?.result === 'fail' ? 'bad' : result ? 'plain' : 'dim';
  const head = span(`${look.glyphs[glyph]} `, role);
  const figure: Row = found === '' ? [] : [span(' '), span(found, result?.result === 'pass' ? 'strong' : role)];
  if (small || cells(text) + rowCells(figure) + 2 <= width)
    return [ends([head, span(text, tone)], figure, width, look)];
  const lines = wrapped(text, width - 2, 3).map((line, at): Row => [at === 0 ? head : span('  '), span(line, tone)]);
  const last = lines.at(-1);
  if (!result || !last) return lines;
  const basis =
    result.result !== 'pass' && wanted.basis !== undefined
      ? wrapped(`computed: ${visibleText(wanted.basis, 300)}`, width - 2, 3).map(
          (line): Row => [span(`  ${line}`, 'dim')],
        )
      : [];
  const beside = rowCells(last) + rowCells(figure) <= width;
  return [
    ...lines.slice(0, -1),
    beside ? ends(last, figure, width, look) : last,
    ...(beside ? [] : wrapped(found, width - 2, 3).map((line): Row => [span('  '), span(line, role)])),
    ...basis,
  ];
};

/** A part of a tour that is not under way, in one row: `● all-normal: 6 pass`. What failed in it stands by itself. */
const partRow = (view: PlannedDrill, part: string, indices: number[], look: Look): Row => {
  const results = indices.flatMap((index) => resultOf(view, index)?.result ?? []);
  const sign =
    results.length < indices.length
      ? { glyph: 'waiting' as const, role: 'dim' as const }
      : resultSigns[results.includes('fail') ? 'fail' : results.includes('unknown') ? 'unknown' : 'pass'];
  return [
    span(`${look.glyphs[sign.glyph]} `, sign.role),
    span(`${visibleText(part, 40)}: `, results.length === 0 ? 'dim' : 'plain'),
    ...countsRow(results, indices.length),
  ];
};

/**
 * What must be found, each with what was found as soon as it is decided; afterwards what failed comes first. While a tour runs only
 * its present part is told in full. `small`: one row each, what is decided first.
 */
export const expectationRows = (view: PlannedDrill, look: Look, width: number, small: boolean): Row[] => {
  const { expectations, steps } = view.plan;
  const all = expectations.map((_, index) => index);
  const row = (index: number): Row[] => expectationRow(view, index, look, width, small);
  if (view.phase === 'over') return worstFirst(view, all).flatMap(row);
  const parts = [...new Set(expectations.flatMap((one) => one.part ?? []))];
  if (parts.length === 0) return (small ? worstFirst(view, all) : all).flatMap(row);
  const current = steps[currentStep(view)]?.part ?? parts.at(-1);
  const within = (part: string): number[] => all.filter((index) => expectations[index]?.part === part);
  const bad = all.filter(
    (index) =>
      expectations[index]?.part !== current && ['fail', 'unknown'].includes(resultOf(view, index)?.result ?? ''),
  );
  const own = current === undefined ? [] : within(current);
  const others = parts.filter((part) => part !== current);
  return [
    ...bad.flatMap(row),
    ...(small ? worstFirst(view, own) : own).flatMap(row),
    ...others.map((part) => partRow(view, part, within(part), look)),
  ];
};

/** `4 pass, 1 fail, 3 open` */
const countsRow = (results: ExpectationResult['result'][], total: number): Row => {
  const count = (result: ExpectationResult['result']): number => results.filter((one) => one === result).length;
  const pieces: [number, string, Role][] = [
    [count('fail'), 'fail', 'bad'],
    [count('unknown'), 'unknown', 'unknown'],
    [count('pass'), 'pass', 'good'],
    [total - results.length, 'open', 'dim'],
  ];
  const rows = pieces
    .filter(([number]) => number > 0)
    .map(([number, word, role]): Row => [span(`${number} ${word}`, role)]);
  return joined(rows, span(', ', 'dim'));
};

/** How many expectations failed, are unknown, passed and are open. */
export const tallyRow = (view: PlannedDrill): Row =>
  countsRow(
    view.expectations.map((one) => one.result),
    view.plan.expectations.length,
  );
