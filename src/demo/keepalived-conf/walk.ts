import type { Finding, Reader } from './finding.ts';
import { type Line, readLines } from './lines.ts';

/** What one keyword in a block does. `values`: the words after it. */
export type Word = (values: string[], line: Line) => void;

/** What is known in a block: words with a value, words without, blocks in it, and what any other line does (addresses, names). */
export type Block = {
  words?: Record<string, Word>;
  /** Words that stand alone. */
  flags?: Record<string, () => void>;
  /** `open` is told the words after the keyword; undefined: the block cannot be read. */
  blocks?: Record<string, (values: string[], line: Line) => Block | undefined>;
  /** Lines that begin with no keyword at all. */
  other?: Word;
  /** Known, and of no meaning here. */
  idle?: ReadonlySet<string>;
  /** The block is whole; `line` is its last. */
  end?: (line: Line) => void;
};

/** A line over which keepalived gives up: the exit status of `-t`. */
export class GivesUp extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`gives up with ${status}`);
    this.status = status;
  }
}

/** A word that needs a value after it and has none ends the reading (status 2). */
export const MISSING = 2;

/**
 * Reads a file as one of keepalived's processes does, and gathers what it complains about. `top` is what this process reads;
 * `known` are the blocks that it leaves to the others. Throws GivesUp where keepalived ends itself.
 */
export const walk = (
  text: string,
  reader: Reader,
  top: Block,
  known: ReadonlySet<string>,
  say: (finding: Finding) => void,
): void => {
  const lines = readLines(text);
  let at = 0;
  /** Braces opened and not closed. */
  let depth = 0;
  const complain = (line: Line, message: string): void => say({ reader, line: line.number, text: message });
  const next = (): Line | undefined => {
    const line = lines[at];
    at += 1;
    if (line?.unterminated) {
      complain(line, `Unterminated quote '${line.text}'`);
      complain(line, `Unmatched quote: '${line.text}'`);
    }
    return line;
  };
  const close = (line: Line): void => {
    depth -= 1;
    if (depth >= 0) return;
    depth = 0;
    complain(line, "Extra '}' found");
  };
  const unknown = (line: Line, word: string): void => {
    complain(line, `Unknown keyword '${word}'`);
    if (word === '{' || !line.words.includes('{')) return;
    depth += 1;
    complain(line, "Unexpected '{' - ignoring");
  };

  /** Steps into a block whose keyword was just read; false when no brace opens it. */
  const opens = (line: Line): boolean => {
    if (line.words.includes('{')) {
      depth += 1;
      return true;
    }
    if (lines[at]?.words[0] !== '{') return false;
    at += 1;
    depth += 1;
    return true;
  };
  const skip = (line: Line): void => {
    const base = depth;
    if (!opens(line)) return;
    const rest = line.words.slice(line.words.indexOf('{') + 1);
    depth -= rest.filter((word) => word === '}').length;
    while (depth > base) {
      const inner = next();
      if (!inner) return;
      for (const word of inner.words) if (word === '{' || word === '}') depth += word === '{' ? 1 : -1;
    }
  };
  /** One block, from the line after its brace to the line that closes it. */
  const inside = (block: Block, head: Line): void => {
    const brace = head.words.indexOf('{');
    const rest = brace < 0 ? [] : head.words.slice(brace + 1);
    if (rest.length > 0 && take(block, { ...head, words: rest })) return;
    for (let line = next(); line; line = next()) if (take(block, line)) return;
  };
  /** True when this line closes the block. */
  const take = (block: Block, line: Line): boolean => {
    const closes = line.words.at(-1) === '}';
    const words = closes ? line.words.slice(0, -1) : line.words;
    const [word, ...values] = words;
    if (word !== undefined || line.unterminated) {
      if (line.unterminated) {
        complain(line, `String '${line.text}': missing terminating "`);
        throw new GivesUp(255);
      }
      one(block, { ...line, words }, word!, values);
    }
    if (!closes) return false;
    close(line);
    block.end?.(line);
    return true;
  };
  const one = (block: Block, line: Line, word: string, values: string[]): void => {
    const inner = block.blocks?.[word];
    if (inner) {
      const read = inner(
        values.filter((value) => value !== '{'),
        line,
      );
      if (!read) skip(line);
      else {
        if (!opens(line)) complain(lines[at] ?? line, "Missing '{' at beginning of configuration block");
        inside(read, line);
      }
    } else if (block.words?.[word]) {
      if (values.length === 0) {
        complain(
          line,
          `*** Configuration line starting \`${word}\` is missing a parameter after keyword \`${word}\` at word position 2`,
        );
        throw new GivesUp(MISSING);
      }
      block.words[word](values, line);
    } else if (block.flags?.[word]) block.flags[word]();
    else if (block.other) block.other([word, ...values], line);
    else if (!block.idle?.has(word)) unknown(line, word);
  };

  for (let line = next(); line; line = next()) {
    const [word = ''] = line.words;
    if (word === '}') {
      close(line);
      unknown(line, word);
    } else if (known.has(word) && !top.blocks?.[word]) skip(line);
    else one(top, line, word, line.words.slice(1));
  }
  if (depth > 0) say({ reader, text: `There are ${depth} missing '}'s or extra '{'s` });
};
