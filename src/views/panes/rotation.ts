import { rotation } from '../../cluster/rotation.ts';
import type { Answer, ProbeView, State } from '../../cluster/state.ts';
import { cells } from '../parts/cells.ts';
import { shortNames } from '../parts/holder.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { joined, type Row, rowCells, type Span, span } from '../parts/rows.ts';
import { webSigns } from '../parts/web-signs.ts';
import { sourceRole } from '../parts/words.ts';
import type { Look } from '../theme.ts';

/** Milliseconds for which the newest answer is lit: less than the usual interval, so that each new one is seen to come. */
const NEW_FOR = 600;

/** Which of all answers so far the strip shows. It grows to the right and jumps when full: a strip that shifts by one re-sends every cell. */
export const stripWindow = (total: number, room: number): { from: number; to: number } => {
  if (total <= room) return { from: 0, to: total };
  const step = Math.max(1, Math.floor(room / 4));
  return { from: Math.ceil((total - room) / step) * step, to: total };
};

const sign = (state: State, answer: Answer, signs: Map<string, string>, look: Look): Span => {
  const lit = state.now.mono - answer.at.mono < NEW_FOR;
  if (answer.ok === null) return span(look.glyphs.unknown, 'unknown', { lit });
  if (answer.ok === false) return span(look.glyphs.bad, 'bad', { lit });
  const name = answer.servedBy ?? '';
  return span(signs.get(name) ?? look.glyphs.good, sourceRole(state, name), { lit });
};

const strip = (state: State, probe: ProbeView, room: number, signs: Map<string, string>, look: Look): Row => {
  const total = probe.good + probe.bad + probe.unknown;
  const { from } = stripWindow(total, room);
  const first = total - probe.history.length;
  const shown = probe.history.slice(Math.max(0, from - first));
  if (shown.length === 0) return [span(`${look.glyphs.waiting} no answers yet`, 'dim')];
  return shown.map((answer) => sign(state, answer, signs, look));
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
  const { share } = rotation(state);
  const legend = joined(
    [...signs].map(([name, own]): Row => {
      const part = share[name];
      const percent = part === undefined ? '' : ` ${Math.round(part * 100)} %`;
      return [span(own, sourceRole(state, name)), span(` ${name}${percent}`, 'dim')];
    }),
    span('  '),
  );
  return {
    title: [span('Rotation')],
    badge: height > rows.length || rowCells(legend) > width - 14 ? [] : legend,
    ...(height > rows.length ? { heading: [legend] } : {}),
    rows,
  };
};
