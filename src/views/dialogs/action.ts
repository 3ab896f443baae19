import type { ActionPhase, CommandView, Plan, RiskLine } from '../../cluster/action.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { canRestore, restoreChoices } from '../action-keys.ts';
import { actionTitle, outcomeRow, outcomeText, phaseText, viewOf } from '../parts/action-words.ts';
import { cells } from '../parts/cells.ts';
import { commandWords } from '../parts/command-words.ts';
import { joined, type Row, span } from '../parts/rows.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Size } from '../screen.ts';
import type { Look, Role } from '../theme.ts';
import type { ActionDialog } from '../ui.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';

type Part = { dialog: ActionDialog; state: State; width: number; look: Look };

/** Text in as many rows as it takes; `first` stands before it, and blanks of its width before the rows that follow. */
const lines = (text: string, width: number, role: Role, first = '', most = 12): Row[] =>
  wrapped(text, width - cells(first), most).map((line, index) => [
    span(index === 0 ? first : ' '.repeat(cells(first)), role),
    span(line, role),
  ]);

const severities: Record<RiskLine['severity'], { word: string; glyph: 'dot' | 'warn' | 'bad'; role: Role }> = {
  info: { word: 'note', glyph: 'dot', role: 'plain' },
  warn: { word: 'risk', glyph: 'warn', role: 'warn' },
  bad: { word: 'DANGER', glyph: 'bad', role: 'bad' },
};

/** `! risk    the VIPs move to lb2`: sign and word before each sentence. What the plan before did not say is told as new. */
const riskRows = (risk: RiskLine[], before: Plan | undefined, width: number, look: Look): Row[] => {
  const old = before && new Set(before.risk.lines.map(({ text }) => text));
  return risk.flatMap(({ severity, text }) => {
    const { word, glyph, role } = severities[severity];
    const isNew = old !== undefined && !old.has(text);
    return lines(
      `${isNew ? '(new) ' : ''}${visibleText(text)}`,
      width,
      role,
      `${look.glyphs[glyph]} ${word.padEnd(7)}`,
    );
  });
};

/** The command lines, with what became of those that have run. */
const commandRows = (plan: Plan, ran: CommandView[], { width, look }: Part): Row[] =>
  plan.commands.flatMap((command) => {
    const result = ran.find((one) => one.command === command);
    const rows = lines(visibleText(command, 2000), width, 'strong', '$ ');
    return result ? [...rows, [span('  '), ...commandWords(result.result, look)]] : rows;
  });

/** `restore after  [none]  1  5  15  60 min`: the chosen one stands in brackets. */
const restoreRows = ({ dialog: { action, restore } }: Part): Row[] => {
  if (!canRestore(action)) return [];
  const choices = restoreChoices.map((one): Row => {
    const word = one === undefined ? 'none' : String(one / 60);
    return one === restore ? [span(`[${word}]`, 'accent')] : [span(word, 'dim')];
  });
  return [[span('restore after  ', 'dim'), ...joined(choices, span('  ')), span(' min  (tab)', 'dim')]];
};

const askRows = (part: Part): Row[] => {
  const { dialog: one, width, look } = part;
  if (one.stage.at !== 'asking') return [];
  const { confirming, plan } = one.stage;
  const note = confirming.note === '' ? [] : lines(`${look.glyphs.warn} ${confirming.note}`, width, 'warn', '', 3);
  if (plan.confirmation.kind === 'press')
    return [
      ...note,
      [
        span('press '),
        span(plan.confirmation.key, 'accent'),
        span(' alone to do it'),
        span('; enter confirms nothing, esc leaves', 'dim'),
      ],
    ];
  const { word } = plan.confirmation;
  const right = word.startsWith(confirming.typed);
  return [
    ...note,
    [span('type '), span(visibleText(word, 80), 'accent'), span(' to do it'), span('; esc leaves', 'dim')],
    [
      span('> ', 'accent'),
      span(visibleText(confirming.typed), right ? 'plain' : 'bad'),
      span(look.glyphs.cursor, 'accent'),
    ],
  ];
};

const changedRows = ({ dialog: { stage }, width, look }: Part): Row[] =>
  stage.at === 'asking' && stage.before
    ? [
        ...lines(
          `${look.glyphs.warn} The state has changed since you confirmed. Nothing was run. This is the plan as things are now:`,
          width,
          'caution',
        ),
        [],
      ]
    : [];

const runningText = (part: Part): string => {
  const { stage, now, action } = part.dialog;
  if (stage.at !== 'running') return '';
  const phase: ActionPhase | undefined = viewOf(part.state, action, stage.after)?.phase;
  const from = phase !== undefined && phase !== stage.phase ? now : stage.phaseFrom;
  return phaseText(phase, now - from, part.look);
};

/** What scrolls when there is no room, and what always stays in view. */
const content = (part: Part): { body: Row[]; foot: Row[] } => {
  const { dialog: one, state, width, look } = part;
  const { stage, action } = one;
  const ran = (after: number): CommandView[] => {
    const id = viewOf(state, action, after)?.id;
    return state.commands.filter((command) => command.action === id);
  };
  switch (stage.at) {
    case 'planning': {
      const seconds = `${((one.now - stage.since) / 1000).toFixed(1)} s`;
      return {
        body: [[span(`${look.glyphs.waiting} looking afresh${look.glyphs.ellipsis} ${seconds}`, 'unknown')]],
        foot: [...restoreRows(part), [span('nothing is run yet; esc leaves', 'dim')]],
      };
    }
    case 'refused':
      return {
        body: [[span(`${look.glyphs.warn} REFUSED`, 'warn')], ...lines(visibleText(stage.text), width, 'plain')],
        foot: [...restoreRows(part), [span('nothing was run; esc leaves', 'dim')]],
      };
    case 'asking':
      return {
        body: [
          ...changedRows(part),
          ...riskRows(stage.plan.risk.lines, stage.before, width, look),
          [],
          ...commandRows(stage.plan, [], part),
        ],
        foot: [[], ...restoreRows(part), ...askRows(part)],
      };
    case 'running':
      return {
        body: [...commandRows(stage.plan, ran(stage.after), part)],
        foot: [
          [],
          ...lines(`${look.glyphs.running} ${runningText(part)}`, width, 'accent', '', 3),
          [span('esc leaves the wait; the action goes on', 'dim')],
        ],
      };
    case 'over': {
      const { outcome } = stage;
      const took = 'ms' in outcome ? ` after ${(outcome.ms / 1000).toFixed(1)} s` : '';
      return {
        body: [
          [...outcomeRow(outcome, look), span(took, 'dim')],
          ...lines(outcomeText(outcome), width, 'plain'),
          [],
          ...commandRows(stage.plan, ran(stage.after), part),
        ],
        foot: [[span('esc closes', 'dim')]],
      };
    }
  }
};

/** Rows of the body that are in view, and a line that counts the others. */
const windowed = (body: Row[], room: number, scroll: number, look: Look): Row[] => {
  if (body.length <= room) return body;
  const shown = Math.max(1, room - 1);
  const from = Math.max(0, Math.min(scroll, body.length - shown));
  const above = from === 0 ? '' : `${look.glyphs.up} ${from} above `;
  const below = body.length - shown - from;
  const more = below === 0 ? '' : `${look.glyphs.down} ${below} more lines (down scrolls)`;
  return [...body.slice(from, from + shown), [span(`${above}${more}`, 'warn')]];
};

const partOf = (one: ActionDialog, state: State, size: Size, look: Look): Part => ({
  dialog: one,
  state,
  width: dialogWidth(size, 88),
  look,
});

const roomFor = (foot: Row[], size: Size): number => Math.max(2, size.rows - 4 - foot.length);

/** How far the dialog can be scrolled down, rows. */
export const actionScrollEnd = (one: ActionDialog, state: State, size: Size, look: Look): number => {
  const { body, foot } = content(partOf(one, state, size, look));
  const room = roomFor(foot, size);
  return body.length <= room ? 0 : body.length - Math.max(1, room - 1);
};

/** An action from the fresh look to its end: the risk in words, the exact commands, how to confirm, what came of it. */
export const actionDialog = (one: ActionDialog, state: State, size: Size, look: Look): Dialog => {
  const part = partOf(one, state, size, look);
  const { body, foot } = content(part);
  const rows = [...windowed(body, roomFor(foot, size), one.scroll, look), ...foot];
  return dialog(actionTitle(one.action), rows, part.width, size, look);
};
