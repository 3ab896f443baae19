import type { ActionPhase, CommandView, Plan, RiskLine } from '../../cluster/action.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { canRestore, restoreChoices } from '../action-keys.ts';
import { actionTitle, outcomeRow, outcomeText, phaseText, viewOf } from '../parts/action-words.ts';
import { commandWords } from '../parts/command-words.ts';
import { joined, type Row, span } from '../parts/rows.ts';
import { textRows } from '../parts/text-rows.ts';
import type { Size } from '../screen.ts';
import type { Look, Role } from '../theme.ts';
import type { ActionDialog } from '../ui.ts';
import { askRows } from './asking.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';
import { roomFor, scrollEnd, windowed } from './windowed.ts';

type Part = { dialog: ActionDialog; state: State; width: number; look: Look };

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
    return textRows(
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
    const rows = textRows(visibleText(command, 2000), width, 'strong', '$ ');
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

const changedRows = ({ dialog: { stage }, width, look }: Part): Row[] =>
  stage.at === 'asking' && stage.before
    ? [
        ...textRows(
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
        body: [[span(`${look.glyphs.warn} REFUSED`, 'warn')], ...textRows(visibleText(stage.text), width, 'plain')],
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
        foot: [
          [],
          ...restoreRows(part),
          ...askRows({ confirmation: stage.plan.confirmation, confirming: stage.confirming }, 'do', width, look),
        ],
      };
    case 'running':
      return {
        body: [...commandRows(stage.plan, ran(stage.after), part)],
        foot: [
          [],
          ...textRows(`${look.glyphs.running} ${runningText(part)}`, width, 'accent', '', 3),
          [span('esc leaves the wait; the action goes on', 'dim')],
        ],
      };
    case 'over': {
      const { outcome } = stage;
      const took = 'ms' in outcome ? ` after ${(outcome.ms / 1000).toFixed(1)} s` : '';
      return {
        body: [
          [...outcomeRow(outcome, look), span(took, 'dim')],
          ...textRows(outcomeText(outcome), width, 'plain'),
          [],
          ...commandRows(stage.plan, ran(stage.after), part),
        ],
        foot: [[span('esc closes', 'dim')]],
      };
    }
  }
};

const partOf = (one: ActionDialog, state: State, size: Size, look: Look): Part => ({
  dialog: one,
  state,
  width: dialogWidth(size, 88),
  look,
});

/** How far the dialog can be scrolled down, rows. */
export const actionScrollEnd = (one: ActionDialog, state: State, size: Size, look: Look): number => {
  const { body, foot } = content(partOf(one, state, size, look));
  return scrollEnd(body, roomFor(foot, size));
};

/** An action from the fresh look to its end: the risk in words, the exact commands, how to confirm, what came of it. */
export const actionDialog = (one: ActionDialog, state: State, size: Size, look: Look): Dialog => {
  const part = partOf(one, state, size, look);
  const { body, foot } = content(part);
  const rows = [...windowed(body, roomFor(foot, size), one.scroll, look), ...foot];
  return dialog(actionTitle(one.action), rows, part.width, size, look);
};
