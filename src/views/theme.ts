/** What a piece of text means; how that looks is decided here and nowhere else. */
export type Role =
  | 'plain'
  | 'strong'
  | 'dim'
  | 'accent'
  | 'good'
  | 'warn'
  | 'bad'
  | 'unknown'
  | 'key'
  | 'calm'
  | 'caution'
  | 'alarm'
  | 'blind'
  | `source${0 | 1 | 2 | 3 | 4 | 5}`;

/** Signs that stand beside every colour, so that no state is told by colour alone. */
export type Glyphs = {
  good: string;
  warn: string;
  bad: string;
  failed: string;
  unknown: string;
  waiting: string;
  stale: string;
  moved: string;
  changed: string;
  arrow: string;
  dot: string;
  full: string;
  empty: string;
  ellipsis: string;
  frozen: string;
  focus: string;
  up: string;
  down: string;
  cursor: string;
  timer: string;
  running: string;
  play: string;
  back: string;
  /** The bar of a playback: what has been played, what has not, idle, a drill, the position. */
  bar: { played: string; track: string; idle: string; drill: string; here: string };
  rule: string;
  side: string;
  corners: [string, string, string, string];
};

/** How the screen looks on this terminal: signs and SGR codes by role. */
export type Look = { glyphs: Glyphs; ascii: boolean; sgr: Record<Role, string> };

const unicode: Glyphs = {
  good: '●',
  warn: '!',
  bad: '✗',
  failed: '✖',
  unknown: '?',
  waiting: '○',
  stale: '~',
  moved: '▲',
  changed: '•',
  arrow: '→',
  dot: '·',
  full: '█',
  empty: '░',
  ellipsis: '…',
  frozen: '‖',
  focus: '▸',
  up: '↑',
  down: '↓',
  cursor: '▏',
  timer: '◔',
  running: '⟳',
  play: '▸',
  back: '◂',
  bar: { played: '━', track: '─', idle: '╌', drill: '═', here: '█' },
  rule: '─',
  side: '│',
  corners: ['╭', '╮', '╰', '╯'],
};

const ascii: Glyphs = {
  good: '*',
  warn: '!',
  bad: 'x',
  failed: 'x',
  unknown: '?',
  waiting: 'o',
  stale: '~',
  moved: '^',
  changed: '+',
  arrow: '->',
  dot: '-',
  full: '#',
  empty: '.',
  ellipsis: '~',
  frozen: '=',
  focus: '>',
  up: '^',
  down: 'v',
  cursor: '_',
  timer: '@',
  running: '>>',
  play: '>',
  back: '<',
  bar: { played: '=', track: '-', idle: '.', drill: '+', here: '#' },
  rule: '-',
  side: '|',
  corners: ['+', '+', '+', '+'],
};

/** The 16 colours every terminal has; its owner chose what they look like. */
const colours: Record<Role, string> = {
  plain: '',
  strong: '1',
  dim: '2',
  accent: '1;36',
  good: '32',
  warn: '33',
  bad: '1;31',
  unknown: '35',
  key: '36',
  calm: '1;32',
  caution: '1;7;33',
  alarm: '1;7;31',
  blind: '1;7;35',
  source0: '36',
  source1: '94',
  source2: '95',
  source3: '96',
  source4: '34',
  source5: '35',
};

/** NO_COLOR: weight only; every state still has its word and its sign. */
const weights: Record<Role, string> = {
  ...colours,
  accent: '1',
  good: '',
  warn: '1',
  bad: '1',
  unknown: '1',
  key: '1',
  calm: '1',
  caution: '1;7',
  alarm: '1;7',
  blind: '1;7',
  source0: '',
  source1: '',
  source2: '',
  source3: '',
  source4: '',
  source5: '',
};

/** The look for this terminal: `ascii` where the locale is not UTF-8, no colour where NO_COLOR asks for none. */
export const lookFor = (options: { ascii?: boolean; color: boolean }): Look => ({
  glyphs: options.ascii ? ascii : unicode,
  ascii: options.ascii ?? false,
  sgr: options.color ? colours : weights,
});
