import type { PlaybackCommand } from '../session/playback-view.ts';
import { needsMore, noReplayBack, noReplayEnd } from './key-reasons.ts';
import type { Binding } from './keymap.ts';

/** What a key can ask of a playback, by the name of its row. */
export type PlaybackKey = 'play' | 'seek' | 'go-to' | 'search' | 'look-back' | 'now';

/** What the keys of a playback ask for. */
export const seeks: Record<string, PlaybackCommand> = {
  space: { kind: 'play' },
  left: { kind: 'by', ms: -5000 },
  right: { kind: 'by', ms: 5000 },
  'shift+left': { kind: 'by', ms: -60_000 },
  'shift+right': { kind: 'by', ms: 60_000 },
  ',': { kind: 'sample', step: -1 },
  '.': { kind: 'sample', step: 1 },
  '[': { kind: 'event', step: -1 },
  ']': { kind: 'event', step: 1 },
  '{': { kind: 'chapter', step: -1 },
  '}': { kind: 'chapter', step: 1 },
  '<': { kind: 'speed', step: -1 },
  '>': { kind: 'speed', step: 1 },
  backspace: { kind: 'speed', step: 0 },
  n: { kind: 'found', step: 1 },
  N: { kind: 'found', step: -1 },
  home: { kind: 'begin' },
  G: { kind: 'end' },
  end: { kind: 'end' },
  u: { kind: 'undo' },
  i: { kind: 'skip-idle' },
  f: { kind: 'follow' },
};

const row = (keys: string[], title: string, more: Partial<Binding> = {}): Binding => ({
  mode: 'replay',
  keys,
  command: 'seek',
  title,
  ...more,
});

/** The keys of the console that look into its past. */
export const pastKeys: Binding[] = [
  {
    mode: 'main',
    keys: ['left', 'shift+left'],
    shown: '←',
    command: 'look-back',
    title: 'look back 5 s (shift: 60 s) into this session; probing and recording go on',
    footer: 'back',
    disabled: ({ canLookBack }) => (canLookBack ? null : 'nothing is kept of this session to look back at'),
  },
];

/** The keys of a replay, and of looking back. */
export const replayKeys: Binding[] = [
  row(['space'], 'play or pause; at the end: from the begin again', { command: 'play', footer: 'play' }),
  row(['left', 'right'], '5 s back or forwards', { shown: '←→', footer: '5 s' }),
  row(['shift+left', 'shift+right'], '60 s back or forwards', { shown: 'shift+←→' }),
  row(['[', ']'], 'the previous or the next event', { shown: '[]', footer: 'event' }),
  row(['{', '}'], 'the previous or the next drill or incident', { shown: '{}', footer: 'incident' }),
  row([',', '.'], 'the previous or the next fact, and pause', { shown: ',.' }),
  row(['g'], 'go to a time: 12:03:10, an ISO time, +90s or -5m from here, 50%', { command: 'go-to', footer: 'go to' }),
  row(['/'], 'search the events of the whole session', { command: 'search', footer: 'search' }),
  row(['<', '>'], 'slower or faster, 1/4x to 64x', { shown: '<>', footer: 'speed' }),
  row(['backspace'], 'as fast as it was: 1x'),
  row(['n', 'N'], 'the next or the previous event that was searched for', {
    disabled: ({ picture }) => (picture.playback?.search ? null : 'nothing is searched for: / begins'),
  }),
  row(['home'], 'the begin'),
  row(['G', 'end'], 'the end of the recording; while looking back: now', { command: 'now' }),
  row(['u'], 'undo the last jump'),
  row(['i'], 'leave idle stretches out while playing, or play them too', { footer: 'idle' }),
  row(['f'], 'follow a recording that is still being written', {
    disabled: ({ picture }) => noReplayEnd(picture),
  }),
  row(['1', '2', '3', '4', '5', '6', '7', '8', '9'], 'focus the pane of this number', {
    shown: '1-9',
    command: 'focus',
    footer: 'pane',
  }),
  row(['tab'], 'focus the next pane', { command: 'next-pane' }),
  row(['shift+tab'], 'focus the previous pane', { command: 'previous-pane' }),
  row(['z'], 'show the focused pane alone, or all panes again', { command: 'zoom', footer: 'zoom' }),
  row(['&'], 'filter the log', { command: 'filter' }),
  row(['@'], 'log: show the commands that were run, or the events again', { command: 'commands' }),
  row(['#'], 'log: show the check logs of all nodes, or the events again', { command: 'check-log' }),
  row(['up', 'k'], 'scroll up one line', { command: 'up', disabled: needsMore }),
  row(['down', 'j'], 'scroll down one line', { command: 'down', disabled: needsMore }),
  row(['pgup'], 'scroll up one page', { command: 'page-up', disabled: needsMore }),
  row(['pgdn'], 'scroll down one page', { command: 'page-down', disabled: needsMore }),
  row(['esc'], 'clear the filter or the search, leave the zoom, put a drill away; while looking back: now', {
    command: 'back',
    disabled: noReplayBack,
  }),
  row(['D'], 'put the pane of the last drill away, or show it again', {
    command: 'drill-pane',
    disabled: ({ picture }) => (picture.state.drill?.plan ? null : 'no drill has run'),
  }),
  row(['?'], 'show all keys', { command: 'help', footer: 'help' }),
  row(['q'], 'leave; while looking back: now', { command: 'quit', footer: 'quit' }),
  { mode: 'go', keys: ['enter'], command: 'accept', title: 'go there', footer: 'go' },
  { mode: 'go', keys: ['esc'], command: 'leave', title: 'stay here', footer: 'stay' },
  { mode: 'search', keys: ['enter'], command: 'accept', title: 'go to the next event that matches', footer: 'next' },
  { mode: 'search', keys: ['esc'], command: 'leave', title: 'search for nothing', footer: 'clear' },
];

/** Why a key of the console does nothing in the past. */
export const notNow = (kind: 'replay' | 'look-back' | undefined): string =>
  kind === 'look-back' ? 'this is the past: end goes back to now' : 'this is a recording';

/** The keys of the console that have no meaning in the past: they say so. */
export const recordedKeys = (all: readonly Binding[]): Binding[] => {
  const taken = new Set(replayKeys.filter((one) => one.mode === 'replay').flatMap((one) => one.keys));
  return all.flatMap((binding): Binding[] => {
    const keys = binding.keys.filter((key) => !taken.has(key));
    if (binding.mode !== 'main' || keys.length === 0) return [];
    const { footer: _, ...rest } = binding;
    return [
      { ...rest, mode: 'replay', keys, refused: true, disabled: ({ picture }) => notNow(picture.playback?.kind) },
    ];
  });
};
