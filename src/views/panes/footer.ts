import { nodeOf, offerOf } from '../action-keys.ts';
import { type Binding, type Command, type KeyContext, keymap, keysShown } from '../keymap.ts';
import { underWay, underWayRow, viewOf } from '../parts/action-words.ts';
import { drillUnderWay } from '../parts/drill-now.ts';
import { fitRow, type Row, rowCells, span, whole } from '../parts/rows.ts';
import type { Look } from '../theme.ts';
import { modeOf } from '../ui.ts';

/** These are always there: how to find the other keys, and how to get out. */
const last: Command[] = ['help', 'quit'];

const labelOf = (binding: Binding, { ui, picture, drills }: KeyContext): string => {
  if (binding.command === 'freeze' && ui.frozen) return 'go live';
  if (binding.command === 'play' && picture.playback?.playing) return 'pause';
  if (binding.command === 'back' && drills && drillUnderWay(picture.state)) return 'end the drill';
  const node = binding.command === 'act' && binding.keys.includes('o') ? nodeOf(picture.state, ui.focus) : undefined;
  const offer = node && offerOf(picture.state, node, 'o');
  if (offer?.kind !== 'one') return binding.footer ?? '';
  return offer.action.kind === 'out-of-service' ? 'take out' : 'put back';
};

/** A timer that nobody has seen can be cancelled, but it is not worth a place; nor is the way back, where no drill is to be left. */
const isWorthIt = (binding: Binding, { picture, ui, drills }: KeyContext): boolean => {
  if (binding.command === 'back')
    return drills && drillUnderWay(picture.state) ? true : ui.focus === 'drill' && !ui.zoom;
  if (!binding.keys.includes('T') || binding.command !== 'act') return true;
  return Boolean(nodeOf(picture.state, ui.focus)?.restore.value);
};

/** The line of the actions that go on while no dialog shows them. */
const goingOn = ({ picture, ui }: KeyContext, look: Look): Row => {
  const { overlay } = ui;
  const stage = overlay?.kind === 'action' && overlay.stage.at === 'running' ? overlay.stage : undefined;
  const own = stage && overlay?.kind === 'action' ? viewOf(picture.state, overlay.action, stage.after)?.id : undefined;
  const others = underWay(picture.state, (view) => view.id === own);
  return underWayRow(picture.state, others, look);
};

/** The keys that work now, as many as fit, first those of the focused node; why the last key did nothing comes before them. */
export const footerRow = (context: KeyContext, width: number, look: Look): Row => {
  const { ui, picture } = context;
  const mode = modeOf(ui, picture);
  const piece = (binding: Binding): Row => {
    const keys = binding.command === 'focus' ? `1-${Math.min(9, context.panes)}` : keysShown(binding, look.ascii);
    return [span(` ${keys}`, 'key'), span(` ${labelOf(binding, context)} `, 'dim')];
  };
  const works = keymap.filter(
    (binding) =>
      binding.mode === mode &&
      binding.footer !== undefined &&
      !binding.disabled?.(context) &&
      isWorthIt(binding, context),
  );
  const end = works.filter((binding) => last.includes(binding.command)).flatMap(piece);
  const room = width - rowCells(end);
  const told = ui.hint || picture.playback?.said || '';
  const hint: Row = told === '' ? goingOn(context, look) : [span(` ${told} `, 'warn')];
  const first: Command[] = ['next-step', 'back', 'act'];
  const acts = works
    .filter((binding) => first.includes(binding.command))
    .sort((a, b) => first.indexOf(a.command) - first.indexOf(b.command));
  const others = works.filter((binding) => !first.includes(binding.command) && !last.includes(binding.command));
  const start = whole(fitOver(hint, room, look), [...acts, ...others].map(piece), room);
  return [...start, ...end];
};

const fitOver = (row: Row, room: number, look: Look): Row => (rowCells(row) > room ? fitRow(row, room, look) : row);
