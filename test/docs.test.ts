import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../src/commands/table.ts';
import { complaint } from './support/command-line.ts';

const root = join(import.meta.dirname, '..');
const pages = [
  ...readdirSync(root),
  ...['docs', 'fixtures'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ),
].filter((name) => name.endsWith('.md'));
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** A page without its fenced blocks, which hold no links. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '');
const fences = (text: string): string[] =>
  [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, inside = '']) => inside);
const spans = (text: string): string[] => [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, inside = '']) => inside);

/** The name under which a heading can be linked to. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
const anchors = (text: string): string[] =>
  [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** The links of a page that lead nowhere. */
const broken = (page: string, text: string): string[] =>
  [
    ...prose(text)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && !anchors(file === page ? text : read(file)).includes(anchor);
    });

/** A line as it would be typed: without prompt, what is said beside it, brackets around what may be left out, and all but one of several words. */
const typed = (line: string): string =>
  line
    .replace(/^\$ /, '')
    .replace(/\bnode bin\/haconsole\.mjs/, 'haconsole')
    .replace(/\s+#\s.*$| {2,}.*$/, '')
    .replace(/\[([^\]]*)\]/g, '$1')
    .replace(/(?<=\w)(?:\|\w+)+/g, '')
    .trim();

/** Command lines that a page shows: those of its blocks, and spans that begin with the program's name and have more than that. */
const shown = (text: string): string[] => [
  ...fences(text)
    .flatMap((block) => block.split('\n'))
    .map(typed)
    .filter((line) => /^haconsole( [a-z-]|$)/.test(line)),
  ...spans(text)
    .map(typed)
    .filter((span) => /^haconsole [a-z-]/.test(span)),
];

/** Flags that stand in a span by themselves. */
const flagsNamed = (text: string): string[] => spans(text).flatMap((span) => /^--[a-z-]+/.exec(span) ?? []);

/** Takes nothing to do with a cluster: no row of the table has them. */
const besides = ['haconsole --version', 'haconsole --licences', 'haconsole completion values'];

const flags = new Set([
  ...commands.flatMap((command) => command.flags.flatMap(({ flag }) => flag.match(/--[a-z-]+/g) ?? [])),
  ...['--help', '--version', '--licences'],
  // Of other programs, and of the lab's.
  ...['--update', '--install', '--ignore-scripts'],
]);

/** Files and folders of the project that stand in spans: `src/x.ts`, `docs/pictures/`, `src/x.ts:12`; nothing with a placeholder in it. */
const filesNamed = (text: string): string[] =>
  spans(text)
    .filter((span) => /^(?:src|test|docs|lab|bench|tools|fixtures|schema|man|\.ci)\/[\w./-]+$/.test(span))
    .filter((span) => !/[A-Z]{3}/.test(span));

describe('the documents', () => {
  test.each(pages)('%s has no link that leads nowhere', (page) => {
    expect(broken(page, read(page))).toEqual([]);
  });

  test.each(pages)('%s shows no command line that the program does not take', (page) => {
    expect(
      shown(read(page))
        .filter((line) => !besides.includes(line))
        .map((line) => [line, complaint(line)])
        .filter(([, wrong]) => wrong),
    ).toEqual([]);
  });

  test.each(pages)('%s names no flag that no command has', (page) => {
    expect(flagsNamed(read(page)).filter((flag) => !flags.has(flag))).toEqual([]);
  });

  test.each(pages)('%s names no file that is not there', (page) => {
    expect(filesNamed(read(page)).filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('what is broken would be found: a link, an anchor, a command, a flag, a file', () => {
    const text = '# One thing\n[a](docs/none.md) [b](#one-thing) [c](#other) [d](README.md) [e](https://example.net/x)';
    expect(broken('README.md', text)).toEqual(['docs/none.md', '#other']);
    expect(filesNamed('`src/cli.ts` `src/none.ts` `src/probes/parse/NAME.ts`')).toEqual(['src/cli.ts', 'src/none.ts']);
    expect(flagsNamed('`--jsno` and `--json FILE`')).toEqual(['--jsno', '--json']);
    expect(shown('```\n$ haconsole check --jsno  # x\n```\n`haconsole chekc` `haconsole.yaml`').map(complaint)).toEqual(
      ['check has no --jsno', 'watch takes no chekc'],
    );
  });
});
