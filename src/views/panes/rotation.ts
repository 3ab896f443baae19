import type { Answer, ProbeView, State } from '../../cluster/state.ts';
import { cells } from '../parts/cells.ts';
import { shortNames } from '../parts/holder.ts';
import { LIT_FOR } from '../parts/marks.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { joined, type Row, rowCells, type Span, span } from '../parts/rows.ts';
import { webSigns } from '../parts/web-signs.ts';
import { webRole } from '../parts/words.ts';
import type { Look } from '../theme.ts';

/**
 * Which of all answers so far the strip shows. It grows to the right and jumps when full: a strip that shifts by one re-sends
 * every cell. It jumps by whole turns of the web nodes where it can, so that a regular rotation looks the same after it.
 */
export const stripWindow = (total: number, room: number, webs: number): { from: number; to: number } => {
  if (total <= room) return { from: 0, to: total };
  const turn = Math.max(1, webs);
  const half = Math.max(1, Math.floor(room / 2));
  const step = Math.min(room, half < turn ? half : half - (half % turn));
  return { from: Math.ceil((total - room) / step) * step, to: total };
};

/** The newest answer is lit until the next one comes (then one frame does both), or until it is not new any more. */
const sign = (state: State, answer: Answer, newest: boolean, signs: Map<string, string>, look: Look): Span => {
  const lit = newest && state.now.mono - answer.at.mono < LIT_FOR;
  if (answer.ok === null) return span(look.glyphs.unknown, 'unknown', { lit });
  if (answer.ok === false) return span(look.glyphs.bad, 'bad', { lit });
  const name = answer.servedBy ?? '';
  return span(signs.get(name) ?? look.glyphs.good, webRole(state, name), { lit });
};

const strip = (state: State, probe: ProbeView, room: number, signs: Map<string, string>, look: Look): Row => {
  const total = probe.good + probe.bad + probe.unknown;
  const { from } = stripWindow(total, room, signs.size);
  const first = total - probe.history.length;
  const shown = probe.history.slice(Math.max(0, from - first));
  if (shown.length === 0) return [span(`${look.glyphs.waiting} no answers yet`, 'dim')];
  return shown.map((answer, index) => sign(state, answer, index === shown.length - 1, signs, look));
};

/** Who answered, newest last, one row for each VIP. */
export const rotationPane = ({ state, look, width, height }: PaneInput): PaneContent => {
  const names = shortNames(state.topology.vips);
  const label = Math.max(...[...names.values()].map(cells), 3) + 1;
  const signs = webSigns(state);
  const rows = state.topology.vips.flatMap((address): Row[] => {
    const vip = state.vips[address];
    if (!vip) return [];
    const name = names.get(address) ?? address;
    return [
      [
        span(`${name}${' '.repeat(label - cells(name))}`, 'dim'),
        ...strip(state, vip.probe, Math.max(1, width - label), signs, look),
      ],
    ];
  });
  const legend = joined(
    [...signs].map(([name, own]): Row => [span(own, webRole(state, name)), span(` ${name}`, 'dim')]),
    span('  '),
  );
  return {
    title: [span('Rotation')],
    badge: height > rows.length || rowCells(legend) > width - 20 ? [] : legend,
    ...(height > rows.length ? { heading: [legend] } : {}),
    rows,
  };
};
