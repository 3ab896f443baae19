import type { Picture } from '../session/store.ts';
import { whyNoAction } from './action-keys.ts';
import { drillLetters } from './drilling.ts';
import {
  allUp,
  needsMore,
  noDrills,
  noNote,
  noRestore,
  noStep,
  nothingToLeave,
  notWhileActing,
  underWayStill,
} from './key-reasons.ts';
import { changedCount } from './parts/marks.ts';
import { type PlaybackKey, pastKeys, recordedKeys, replayKeys } from './replay-keys.ts';
import type { Ui } from './ui.ts';

/** What the keyboard is for at the moment. `text`: any line being typed. */
export type Mode =
  | 'main'
  | 'replay'
  | 'filter'
  | 'note'
  | 'prompt'
  | 'help'
  | 'choose'
  | 'action'
  | 'drills'
  | 'drill'
  | 'end'
  | 'go'
  | 'search'
  | 'text'
  | 'any';

/** What a key can ask for. */
export type Command =
  | 'focus'
  | 'next-pane'
  | 'previous-pane'
  | 'zoom'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'top'
  | 'bottom'
  | 'filter'
  | 'back'
  | 'freeze'
  | 'clear'
  | 'note'
  | 'act'
  | 'choose'
  | 'commands'
  | 'check-log'
  | 'next-restore'
  | 'previous-restore'
  | 'enter'
  | 'erase'
  | 'erase-all'
  | 'drills'
  | 'drill'
  | 'drill-pane'
  | 'next-step'
  | 'select-up'
  | 'select-down'
  | 'select-first'
  | 'select-last'
  | 'toggle-step'
  | 'restore-now'
  | 'leave-as-is'
  | 'retry'
  | PlaybackKey
  | 'help'
  | 'repaint'
  | 'suspend'
  | 'quit'
  | 'accept'
  | 'leave'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'backspace'
  | 'delete'
  | 'delete-before'
  | 'delete-after'
  | 'delete-word';

/** What a key's fitness depends on. `canLookBack`: this session keeps its past. */
export type KeyContext = {
  picture: Picture;
  ui: Ui;
  readOnly: boolean;
  /** Whether drills can be run in this session. */
  drills: boolean;
  panes: number;
  canScroll: boolean;
  canLookBack: boolean;
};

/** One row of the table: the keys, what they do, where, what the footer calls it, and why they do nothing now. */
export type Binding = {
  mode: Mode;
  keys: string[];
  command: Command;
  title: string;
  /** How the keys are written for people; default: the keys themselves. */
  shown?: string;
  footer?: string;
  /** It only says why it does nothing here. */
  refused?: true;
  disabled?: (context: KeyContext) => string | null;
};

/** A key that makes an action on the focused node. */
const act = (key: string, title: string, footer: string): Binding => ({
  mode: 'main',
  keys: [key],
  command: 'act',
  title,
  footer,
  disabled: ({ picture, ui, readOnly }) => whyNoAction(picture.state, ui.focus, readOnly, key),
});

const consoleKeys: Binding[] = [
  {
    mode: 'main',
    keys: ['y'],
    command: 'next-step',
    title: 'drill, step by step: let the next step begin; a key held down lets none begin',
    footer: 'next step',
    disabled: noStep,
  },
  {
    mode: 'main',
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: '1-9',
    command: 'focus',
    title: 'focus the pane of this number',
    footer: 'pane',
  },
  { mode: 'main', keys: ['tab'], command: 'next-pane', title: 'focus the next pane' },
  { mode: 'main', keys: ['shift+tab'], command: 'previous-pane', title: 'focus the previous pane' },
  {
    mode: 'main',
    keys: ['z'],
    command: 'zoom',
    title: 'show the focused pane alone, or all panes again',
    footer: 'zoom',
  },
  { mode: 'main', keys: ['/'], command: 'filter', title: 'filter the log', footer: 'filter' },
  {
    mode: 'main',
    keys: ['space'],
    command: 'freeze',
    title: 'freeze the picture (probing goes on), or go live again',
    footer: 'freeze',
  },
  {
    mode: 'main',
    keys: ['c'],
    command: 'clear',
    title: 'clear the marks of what has changed',
    footer: 'clear',
    disabled: ({ picture }) => (changedCount(picture.state) === 0 ? 'nothing is marked' : null),
  },
  {
    mode: 'main',
    keys: ['n'],
    command: 'note',
    title: 'write a note to the check log of every load balancer',
    footer: 'note',
    disabled: noNote,
  },
  act('s', 'focused node: start a service', 'start'),
  act('X', 'focused node: stop a service', 'stop'),
  act('R', 'focused node: restart a service', 'restart'),
  act('L', 'focused node: reload a service', 'reload'),
  act('o', 'focused load balancer: take it out of service, or put it back', 'out/back'),
  act('V', 'focused load balancer: remove a stale VIP', 'remove VIP'),
  act('T', 'focused node: cancel the restore timer', 'cancel timer'),
  {
    mode: 'main',
    keys: ['d'],
    command: 'drills',
    title: 'run a drill: choose, read what it will do, confirm',
    footer: 'drills',
    disabled: noDrills,
  },
  {
    mode: 'main',
    keys: ['D'],
    command: 'drill-pane',
    title: 'put the pane of the last drill away, or show it again',
    disabled: ({ picture }) => (picture.state.drill?.plan ? null : 'no drill has run'),
  },
  {
    mode: 'main',
    keys: ['@'],
    command: 'commands',
    title: 'log: show the commands that were run, or the events again',
    footer: 'commands',
  },
  {
    mode: 'main',
    keys: ['#'],
    command: 'check-log',
    title: 'log: show the check logs of all nodes, or the events again',
    footer: 'check log',
  },
  {
    mode: 'main',
    keys: ['r'],
    command: 'retry',
    title: 'try broken connections again now',
    footer: 'retry',
    disabled: allUp,
  },
  { mode: 'main', keys: ['?'], command: 'help', title: 'show all keys', footer: 'help' },
  {
    mode: 'main',
    keys: ['q'],
    command: 'quit',
    title: 'leave, and print a summary of the session',
    footer: 'quit',
    disabled: underWayStill,
  },
  { mode: 'main', keys: ['up', 'k'], command: 'up', title: 'scroll up one line', disabled: needsMore },
  { mode: 'main', keys: ['down', 'j'], command: 'down', title: 'scroll down one line', disabled: needsMore },
  { mode: 'main', keys: ['pgup'], command: 'page-up', title: 'scroll up one page', disabled: needsMore },
  { mode: 'main', keys: ['pgdn'], command: 'page-down', title: 'scroll down one page', disabled: needsMore },
  { mode: 'main', keys: ['g', 'home'], command: 'top', title: 'scroll to the first line', disabled: needsMore },
  {
    mode: 'main',
    keys: ['G', 'end'],
    command: 'bottom',
    title: 'scroll to the last line; the log follows again',
    disabled: needsMore,
  },
  {
    mode: 'main',
    keys: ['esc'],
    command: 'back',
    title:
      'drill under way: restore now, or leave as it is; else clear the filter, leave the zoom, go live, put a drill away',
    footer: 'close',
    disabled: nothingToLeave,
  },
  { mode: 'any', keys: ['ctrl+l'], command: 'repaint', title: 'draw the whole screen again' },
  {
    mode: 'any',
    keys: ['ctrl+z'],
    command: 'suspend',
    title: 'suspend haconsole; `fg` brings it back',
    disabled: notWhileActing,
  },
  { mode: 'any', keys: ['ctrl+c'], command: 'quit', title: 'leave' },
  {
    mode: 'filter',
    keys: ['enter'],
    command: 'accept',
    title: 'keep the filter and go back to the panes',
    footer: 'keep',
  },
  { mode: 'filter', keys: ['esc'], command: 'leave', title: 'clear the filter', footer: 'clear' },
  {
    mode: 'note',
    keys: ['enter'],
    command: 'accept',
    title: 'write the note',
    footer: 'write',
    disabled: ({ ui }) =>
      ui.overlay?.kind === 'note' && ui.overlay.outcomes.length > 0 ? 'it was sent; esc leaves' : null,
  },
  { mode: 'note', keys: ['esc'], command: 'leave', title: 'leave without writing', footer: 'leave' },
  {
    mode: 'prompt',
    keys: ['enter'],
    command: 'accept',
    title: 'give this answer; a host key needs `yes` typed in full',
    footer: 'answer',
  },
  { mode: 'prompt', keys: ['esc'], command: 'leave', title: 'refuse', footer: 'refuse' },
  {
    mode: 'choose',
    keys: ['n', 'k', 'b', 'o', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: 'n k o b 1-9',
    command: 'choose',
    title: 'choose what stands beside the key',
  },
  { mode: 'choose', keys: ['esc'], command: 'leave', title: 'leave', footer: 'leave' },
  { mode: 'action', keys: ['enter'], command: 'enter', title: 'confirms nothing' },
  {
    mode: 'action',
    keys: ['tab'],
    command: 'next-restore',
    title: 'choose after how long the node itself starts again what is stopped; makes the plan anew',
    footer: 'restore after',
    disabled: noRestore,
  },
  {
    mode: 'action',
    keys: ['shift+tab'],
    command: 'previous-restore',
    title: 'the same, the other way round',
    disabled: noRestore,
  },
  { mode: 'action', keys: ['up'], command: 'up', title: 'scroll up' },
  { mode: 'action', keys: ['down'], command: 'down', title: 'scroll down' },
  { mode: 'action', keys: ['pgup'], command: 'page-up', title: 'scroll up one page' },
  { mode: 'action', keys: ['pgdn'], command: 'page-down', title: 'scroll down one page' },
  { mode: 'action', keys: ['backspace'], command: 'erase', title: 'delete the last letter of the word' },
  { mode: 'action', keys: ['ctrl+u'], command: 'erase-all', title: 'delete the word' },
  {
    mode: 'action',
    keys: ['esc'],
    command: 'leave',
    title: 'leave; an action under way goes on, only its wait is left',
    footer: 'leave',
  },
  { mode: 'drills', keys: ['up'], command: 'select-up', title: 'the drill above' },
  { mode: 'drills', keys: ['down'], command: 'select-down', title: 'the drill below' },
  { mode: 'drills', keys: ['home', 'pgup'], command: 'select-first', title: 'the first drill' },
  { mode: 'drills', keys: ['end', 'pgdn'], command: 'select-last', title: 'the last drill' },
  {
    mode: 'drills',
    keys: ['enter', ...drillLetters],
    shown: 'enter a-z',
    command: 'drill',
    title: 'look whether it may begin, and read what it will do; nothing is run yet',
    footer: 'read',
  },
  {
    mode: 'drills',
    keys: ['tab'],
    command: 'toggle-step',
    title: 'step by step: each step waits for a person; or all in a row',
    footer: 'step by step',
  },
  { mode: 'drills', keys: ['esc'], command: 'leave', title: 'leave', footer: 'leave' },
  { mode: 'drill', keys: ['enter'], command: 'enter', title: 'confirms nothing' },
  { mode: 'drill', keys: ['up'], command: 'up', title: 'scroll up' },
  { mode: 'drill', keys: ['down'], command: 'down', title: 'scroll down', footer: 'scroll' },
  { mode: 'drill', keys: ['pgup'], command: 'page-up', title: 'scroll up one page' },
  { mode: 'drill', keys: ['pgdn'], command: 'page-down', title: 'scroll down one page' },
  { mode: 'drill', keys: ['backspace'], command: 'erase', title: 'delete the last letter of the word' },
  { mode: 'drill', keys: ['ctrl+u'], command: 'erase-all', title: 'delete the word' },
  {
    mode: 'drill',
    keys: ['esc'],
    command: 'leave',
    title: 'back to the list; a drill that was confirmed and has not begun is called off',
    footer: 'leave',
  },
  {
    mode: 'end',
    keys: ['r'],
    command: 'restore-now',
    title: 'end the drill and put everything back now; ctrl+c once more does the same',
    footer: 'restore now',
  },
  {
    mode: 'end',
    keys: ['l'],
    command: 'leave-as-is',
    title: 'end the drill and leave everything as it is: the restore timers of the nodes will put it back',
    footer: 'leave as is',
  },
  { mode: 'end', keys: ['esc'], command: 'leave', title: 'go on with the drill', footer: 'go on' },
  { mode: 'help', keys: ['up', 'k'], command: 'up', title: 'scroll up' },
  { mode: 'help', keys: ['down', 'j'], command: 'down', title: 'scroll down', footer: 'scroll' },
  { mode: 'help', keys: ['pgup'], command: 'page-up', title: 'scroll up one page' },
  { mode: 'help', keys: ['pgdn'], command: 'page-down', title: 'scroll down one page' },
  { mode: 'help', keys: ['esc', '?', 'q'], command: 'leave', title: 'close the help', footer: 'close' },
  { mode: 'text', keys: ['left', 'shift+left'], shown: 'left', command: 'left', title: 'move the cursor left' },
  { mode: 'text', keys: ['right', 'shift+right'], shown: 'right', command: 'right', title: 'move the cursor right' },
  { mode: 'text', keys: ['home', 'ctrl+a'], command: 'home', title: 'move to the start of the line' },
  { mode: 'text', keys: ['end', 'ctrl+e'], command: 'end', title: 'move to the end of the line' },
  { mode: 'text', keys: ['backspace'], command: 'backspace', title: 'delete the sign before the cursor' },
  { mode: 'text', keys: ['delete', 'ctrl+d'], command: 'delete', title: 'delete the sign under the cursor' },
  { mode: 'text', keys: ['ctrl+u'], command: 'delete-before', title: 'delete everything before the cursor' },
  { mode: 'text', keys: ['ctrl+k'], command: 'delete-after', title: 'delete everything after the cursor' },
  { mode: 'text', keys: ['ctrl+w'], command: 'delete-word', title: 'delete the word before the cursor' },
];

/** Every key there is. Footer, help, docs/keys.md and the tests read this table. */
export const keymap: Binding[] = [...consoleKeys, ...pastKeys, ...replayKeys, ...recordedKeys(consoleKeys)];

const isTyping = (mode: Mode): boolean => ['filter', 'note', 'prompt', 'go', 'search'].includes(mode);

/** The binding of a key in a mode, disabled or not. */
export const bindingOf = (mode: Mode, name: string): Binding | undefined =>
  keymap.find(
    (binding) =>
      (binding.mode === mode || binding.mode === 'any' || (binding.mode === 'text' && isTyping(mode))) &&
      binding.keys.includes(name),
  );

/** How the keys of a binding are written; without arrows where there is only ASCII. */
export const keysShown = ({ shown, keys }: Binding, ascii = false): string =>
  shown !== undefined && !(ascii && /[^ -~]/.test(shown)) ? shown : keys.join(' ');
