import type { DrillPlan } from '../../cluster/drill.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { boundsText } from '../parts/drill-rows.ts';
import { countdown } from '../parts/restore-words.ts';
import { type Row, span } from '../parts/rows.ts';
import { textRows } from '../parts/text-rows.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';
import type { DrillDialog } from '../ui.ts';
import { askRows } from './asking.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';
import { roomFor, scrollEnd, windowed } from './windowed.ts';

const said = (label: string, text: string | undefined, width: number): Row[] =>
  text === undefined ? [] : [[], [span(label, 'dim')], ...textRows(visibleText(text, 1500), width, 'plain')];

/** The steps by number, with the names of the parts of a tour. */
const stepLines = ({ steps }: DrillPlan, width: number): Row[] =>
  steps.flatMap((step, index) => [
    ...(step.part !== undefined && step.part !== steps[index - 1]?.part
      ? [[span(visibleText(step.part, 40), 'strong')]]
      : []),
    ...textRows(
      visibleText(step.text, 300),
      width,
      step.kind === 'act' ? 'strong' : 'plain',
      `${index + 1}`.padStart(3).concat(' '),
    ),
  ]);

const expectationLines = ({ expectations }: DrillPlan, width: number, look: Look): Row[] =>
  expectations.flatMap(({ text, part }) =>
    textRows(
      visibleText(`${part === undefined ? '' : `${part}: `}${text}`, 300),
      width,
      'plain',
      `${look.glyphs.dot} `,
    ),
  );

const budgetLines = ({ budgets }: DrillPlan, width: number, look: Look): Row[] =>
  budgets.flatMap(({ name, least, most, sentence }) => [
    ...textRows(`${name}: ${boundsText({ least, most })}`, width, 'strong', `${look.glyphs.dot} `),
    ...textRows(visibleText(sentence, 500), width, 'dim', '  '),
  ]);

const armLines = ({ arm, restoreAfter }: DrillPlan, width: number, look: Look): Row[] => {
  if (arm.length === 0) return textRows('Nothing on the nodes is touched: no restore timer is needed.', width, 'plain');
  const names = arm.map(({ node }) => visibleText(node, 40)).join(', ');
  return [
    ...textRows(
      `Before the first act a restore timer is armed on ${names}. Should this console die, each node puts itself back after ${countdown(restoreAfter)}.`,
      width,
      'warn',
      `${look.glyphs.timer} `,
    ),
    ...textRows(
      'Whatever was done is undone, in reverse, and looked after; esc or ctrl+c does that at once.',
      width,
      'plain',
      `${look.glyphs.dot} `,
    ),
    ...arm.flatMap(({ node, undo }) => textRows(visibleText(`${node}: ${undo.join(' ')}`, 600), width, 'dim', '  ')),
  ];
};

const title = (text: string): Row[] => [[], [span(text, 'dim')]];

const planRows = (plan: DrillPlan, step: boolean, width: number, look: Look): Row[] => [
  ...textRows(visibleText(plan.title, 300), width, 'strong'),
  ...textRows(visibleText(plan.shows, 1500), width, 'plain'),
  ...title(step ? 'What is done, each step when you press y' : 'What is done, all in a row'),
  ...stepLines(plan, width),
  ...(plan.expectations.length === 0 ? [] : title('What must be found')),
  ...expectationLines(plan, width, look),
  ...title('How it is taken back'),
  ...armLines(plan, width, look),
  ...said('The tutorial says', plan.tutorial, width),
  ...said('What real keepalived does', plan.reality, width),
  ...(plan.budgets.length === 0 ? [] : title('Computed from what the nodes tell')),
  ...budgetLines(plan, width, look),
];

const waitRow = (text: string, ms: number, look: Look): Row => [
  span(`${look.glyphs.waiting} ${text}${look.glyphs.ellipsis} ${(ms / 1000).toFixed(1)} s`, 'unknown'),
];

/** What scrolls when there is no room, and what always stays in view. */
const content = ({ stage, now, step }: DrillDialog, width: number, look: Look): { body: Row[]; foot: Row[] } => {
  switch (stage.at) {
    case 'planning':
      return {
        body: [waitRow('looking afresh, asking for rights', now - stage.since, look)],
        foot: [[span('nothing is run yet; esc leaves', 'dim')]],
      };
    case 'refused':
      return {
        body: [
          [span(`${look.glyphs.warn} NOT NOW`, 'warn')],
          ...stage.reasons.flatMap((reason) =>
            textRows(visibleText(reason, 600), width, 'plain', `${look.glyphs.dot} `),
          ),
        ],
        foot: [[span('nothing was touched; esc goes back', 'dim')]],
      };
    case 'asking':
      return {
        body: planRows(stage.plan, step, width, look),
        foot: [[], ...askRows(stage, 'run', width, look)],
      };
    case 'starting':
      return {
        body: [waitRow('looking once more before anything is done', now - stage.since, look)],
        foot: [[span('esc calls it off', 'dim')]],
      };
  }
};

/** How far the dialog can be scrolled down, rows. */
export const drillScrollEnd = (one: DrillDialog, size: Size, look: Look): number => {
  const { body, foot } = content(one, dialogWidth(size, 96), look);
  return scrollEnd(body, roomFor(foot, size));
};

/** A drill before it begins: what it will do, what must be found, how it is taken back, and what confirms it. */
export const drillDialog = (one: DrillDialog, size: Size, look: Look): Dialog => {
  const width = dialogWidth(size, 96);
  const { body, foot } = content(one, width, look);
  const rows = [...windowed(body, roomFor(foot, size), one.scroll, look), ...foot];
  const how = one.step ? ', step by step' : '';
  return dialog(`Drill ${visibleText(one.name, 60)}${how}`, rows, width, size, look);
};
