/** One line of a configuration file that says something. */
export type Line = {
  number: number;
  words: string[];
  /** The line without its blanks, for complaints. */
  text: string;
  /** A quote is opened and never closed: keepalived 2.2.7 ends itself over it. */
  unterminated: boolean;
};

/** Splits a line into words; `#` and `!` begin a comment, quotes keep blanks together, braces stand alone. */
const split = (line: string): { words: string[]; unterminated: boolean } => {
  const words: string[] = [];
  for (const [, quoted, open, brace, bare, comment] of line.matchAll(/"([^"]*)"|(")|([{}])|([^\s"{}]+)|(\s+)/g)) {
    if (open !== undefined) return { words, unterminated: true };
    if (bare !== undefined && /^[#!]/.test(bare)) break;
    if (comment === undefined) words.push(quoted ?? brace ?? bare ?? '');
  }
  return { words, unterminated: false };
};

/** The lines of a file that are not empty. */
export const readLines = (text: string): Line[] =>
  text.split('\n').flatMap((line, index) => {
    const { words, unterminated } = split(line);
    if (words.length === 0 && !unterminated) return [];
    return [{ number: index + 1, words, text: line.trim(), unterminated }];
  });
