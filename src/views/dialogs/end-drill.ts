import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { drillUnderWay, type PlannedDrill } from '../parts/drill-now.ts';
import { countdown } from '../parts/restore-words.ts';
import { type Row, span } from '../parts/rows.ts';
import { textRows } from '../parts/text-rows.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';

/** What happens when it is left as it is: which node puts itself back, and when. */
const timerText = ({ guards }: PlannedDrill, now: number): string => {
  const armed = guards.filter((one) => one.state === 'armed');
  if (armed.length === 0) return 'nothing more is done; no restore timer is armed, so nothing puts anything back';
  const when = armed.map(
    ({ node, at, seconds }) => `${visibleText(node, 40)} in ${countdown(seconds - (now - at) / 1000)}`,
  );
  return `nothing more is done; the nodes put themselves back: ${when.join(', ')}`;
};

/** How the drill under way is to be ended, if at all. It goes on meanwhile. */
export const endDialog = (state: State, size: Size, look: Look): Dialog | null => {
  const width = dialogWidth(size, 72);
  const view = drillUnderWay(state);
  if (!view) return null;
  const now = state.now.mono;
  const isBack = view.phase === 'restore' || view.phase === 'verify';
  const restore = isBack
    ? 'it is being put back already; this is waited for'
    : 'everything that was done is undone, in reverse, and verified';
  const choice = (key: string, title: string, text: string): Row[] => [
    [span(`${key.padEnd(5)}`, 'key'), span(title, 'strong')],
    ...textRows(text, width, 'plain', '     '),
  ];
  const rows: Row[] = [
    ...choice('r', 'restore now', restore),
    [],
    ...choice('l', 'leave as it is', timerText(view, now)),
    [],
    ...choice('esc', 'go on', isBack ? 'back to the drill' : 'the drill goes on, as it does behind this question'),
  ];
  return dialog(`End the drill ${visibleText(view.name, 40)}?`, rows, width, size, look);
};
