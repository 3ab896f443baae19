import { type Binding, keymap } from './keymap.ts';

const sections: { title: string; mode: Binding['mode']; text: string; picture?: string }[] = [
  { title: 'The console', mode: 'main', text: 'A key that can do nothing at the moment says why in the last line.' },
  {
    title: 'In a replay, and while looking back',
    mode: 'replay',
    picture: '![A replay: the panes as they were, the bar with what was said](pictures/replay.svg)',
    text: '`haconsole replay FILE` shows a recorded session in the same panes; `←` in the console looks back into the session that runs. Keys that act say why they do not.',
  },
  { title: 'While a time to go to is typed', mode: 'go', text: 'A line that cannot be read as a time says what can.' },
  {
    title: 'While a search is typed',
    mode: 'search',
    text: 'All that was said in the whole session is searched, as you type.',
  },
  { title: 'Everywhere', mode: 'any', text: 'Also while a line is typed and while a question waits.' },
  {
    title: 'While the log filter is typed',
    mode: 'filter',
    text: 'The log is filtered as you type, by everything that stands in its lines.',
  },
  { title: 'While a note is written', mode: 'note', text: 'A pasted page becomes one line.' },
  {
    title: 'When a question is asked',
    mode: 'prompt',
    text: 'A host key is accepted by typing `yes`; enter alone never accepts one. What is typed to a hidden question is not shown.',
  },
  {
    title: 'When a key could mean several things',
    mode: 'choose',
    text: 'On a load balancer `n` is nginx and `k` is keepalived. What makes no sense now says why.',
  },
  {
    title: 'In the dialog of an action',
    mode: 'action',
    text: 'The dialog says what to do to confirm: press `y`, alone, or type a word (`yes`, the name of the node or of the cluster), whose last letter confirms. Enter, a key held down and pasted text never confirm anything.',
    picture: '![The dialog of an action: the risk in words, the exact command, what confirms it](pictures/action.svg)',
  },
  {
    title: 'In the list of drills',
    mode: 'drills',
    text: 'Each drill has its letter, and a sign that says whether anything known speaks against it now. To read one runs nothing.',
  },
  {
    title: 'In the dialog of a drill',
    mode: 'drill',
    text: 'It is confirmed like an action: by `y`, alone, or by a word. Once it runs its pane takes over: `esc` or ctrl+c end it.',
    picture: '![A drill under way: the chart of the VIPs, the steps, the verdict as it forms](pictures/drill.svg)',
  },
  {
    title: 'When a drill is to be ended',
    mode: 'end',
    text: 'The drill goes on behind the question. Enter does nothing.',
  },
  { title: 'In any line of text', mode: 'text', text: 'Everything else that is typed goes into the line.' },
  { title: 'In the help', mode: 'help', text: 'The help shows this table, with why a key does nothing now.' },
];

const cell = (text: string): string => text.replaceAll('|', '\\|');

const code = (key: string): string => `\`${cell(key)}\``;

const row = (binding: Binding): string =>
  `| ${(binding.shown ? [binding.shown] : binding.keys).map(code).join(' ')} | ${cell(binding.title)} |`;

/** docs/keys.md, from the table of keys. A test fails when the file is not what this returns; `vitest -u` writes it. */
export const keysDocument = (): string =>
  [
    '# Keys',
    '',
    '<!-- Made from src/views/keymap.ts by `npx vitest run test/views/keymap.test.ts -u`. Do not edit. -->',
    '',
    'Pasted text triggers no key: it goes into the line that is being typed, or nowhere.',
    ...sections.flatMap(({ title, mode, text, picture }) => [
      '',
      `## ${title}`,
      '',
      text,
      '',
      ...(picture ? [picture, ''] : []),
      '| Keys | What they do |',
      '| --- | --- |',
      ...keymap.filter((binding) => binding.mode === mode && !binding.refused).map(row),
    ]),
    '',
  ].join('\n');
