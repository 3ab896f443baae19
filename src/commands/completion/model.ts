import { entries } from '../../actions/catalog.ts';
import { type CommandInfo, commands } from '../table.ts';

/**
 * What stands at a place of the command line: a file, a directory, one of some words, names that `haconsole completion values KIND`
 * prints when they are asked for (they stand in the cluster file), or any text.
 */
export type Takes =
  | { kind: 'file' | 'directory' | 'text' }
  | { kind: 'words'; words: string[] }
  | { kind: 'values'; of: string };

/** One flag: its names (`-c`, `--config`), its argument if it takes one, what it does. */
export type FlagModel = { names: string[]; takes?: Takes; placeholder?: string; does: string };
/** One command: its flags, and what its words are, in order. The last one may repeat. */
export type CommandModel = { name: string; does: string; flags: FlagModel[]; positions: Takes[] };

const isChoice = (text: string): boolean => /^[a-z0-9-]+(\|[a-z0-9-]+)+$/.test(text);

const takesOf = (placeholder: string): Takes => {
  if (isChoice(placeholder)) return { kind: 'words', words: placeholder.split('|') };
  if (/^(FILE|OUT)$/.test(placeholder)) return { kind: 'file' };
  if (placeholder === 'DIR') return { kind: 'directory' };
  return { kind: 'text' };
};

/** Flags whose argument is a name of the cluster file, whatever their placeholder is called. */
const named: Record<string, string> = { '--node': 'node', '--confirm': 'confirm' };

/** A row's flag (`-c, --config FILE`) taken apart. Throws when it is not written that way: a mistake in the table. */
export const flagOf = ({ flag, does }: { flag: string; does: string }): FlagModel => {
  const match = /^((?:-[A-Za-z], )?--[a-z][a-z-]*)(?: (\S+))?$/.exec(flag);
  if (!match) throw new Error(`the table has a flag that cannot be read: ${flag}`);
  const names = (match[1] as string).split(', ');
  const placeholder = match[2];
  if (placeholder === undefined) return { names, does };
  const of = named[names.at(-1) as string];
  return { names, does, placeholder, takes: of === undefined ? takesOf(placeholder) : { kind: 'values', of } };
};

/** The words a usage line asks for: `haconsole replay [FILE] [--at T]` takes a file. */
const wordsOf = ({ name, usage }: CommandInfo): Takes[] =>
  usage
    .replace(/\[-[^\]]*\]/g, '')
    .replace(/[[\]…]/g, '')
    .split(' ')
    .filter((word) => word !== '' && word !== 'haconsole' && word !== name)
    .map(takesOf);

/** Where the usage line is not all that is known. */
const positions: Record<string, Takes[]> = {
  act: [
    { kind: 'words', words: [...new Set(entries.map((one) => one.usage.split(' ')[0] as string))] },
    { kind: 'values', of: 'act' },
  ],
  drill: [
    { kind: 'words', words: ['list', 'show', 'run'] },
    { kind: 'values', of: 'drill' },
  ],
};

const help: FlagModel = { names: ['-h', '--help'], does: 'flags and examples' };

/** The command line as completion sees it, from the table of commands. */
export const completionModel = (rows: readonly CommandInfo[] = commands): CommandModel[] =>
  rows.map((row) => ({
    name: row.name,
    does: row.does,
    flags: [...row.flags.map(flagOf), help],
    positions: row.words ? (positions[row.name] ?? wordsOf(row)) : [],
  }));

/** What can stand without a command, beside the flags of `watch`. */
export const bareFlags: FlagModel[] = [
  { names: ['--version'], does: 'the version' },
  { names: ['--licences'], does: 'the licences of everything that is in it' },
];
