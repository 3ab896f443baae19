import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { ConfigError, type Position, shown } from './errors.ts';

/** Keys and indices from the root of the file to a value. */
export type Path = readonly (string | number)[];

/** A parsed cluster file: its value, and where each part of it stands. */
export type Source = {
  file: string;
  value: unknown;
  /** Where the value at `path` stands; of the nearest thing that exists when it does not. */
  at(path: Path): Position;
  /** Where the key that ends `path` stands. */
  atKey(path: Path): Position;
};

const MAX_NESTING = 32;
const MAX_ALIASES = 50;

const friendly = (error: YAMLError): { found: string; expected: string } => {
  if (error.code === 'TAB_AS_INDENT') return { found: 'a tab', expected: 'spaces for indentation' };
  if (error.code === 'DUPLICATE_KEY') return { found: 'the same field a second time', expected: 'each field once' };
  if (error.code === 'MULTIPLE_DOCS') return { found: 'a second document', expected: 'one YAML document' };
  return { found: `a syntax error: ${shown(error.message, 200)}`, expected: 'YAML' };
};

/** Depth of flow brackets and indentation, counted on the text: the parser itself recurses and must not see a bomb. */
const tooDeep = (text: string): boolean => {
  let depth = 0;
  for (const char of text) {
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    else if (char === '\n') depth = Math.min(depth, MAX_NESTING);
    if (depth > MAX_NESTING * 2) return true;
  }
  return /^ {400}/m.test(text) || /^\s*(?:[-?:] +){40}/m.test(text);
};

/** Byte offset walker: the node (or key) that stands at `path`, aliases followed. */
const offsetOf = (document: Document, path: Path, wantKey: boolean): number => {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(segment));
      if (!pair) return offset;
      const keyAt = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      offset = keyAt ?? offset;
      if (index === path.length - 1 && wantKey) return offset;
      node = pair.value;
      const empty = isScalar(node) && node.value === null && !node.source;
      if (isNode(node) && node.range && !empty) offset = node.range[0];
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      if (!isNode(node)) return offset;
      offset = node.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
};

/**
 * Reads YAML 1.2 (JSON is YAML) into a value that remembers its places.
 * Throws a ConfigError with line and column for anything that is not one plain, bounded YAML document.
 */
export const readSource = (text: string, file: string): Source => {
  const lines = new LineCounter();
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const fail = (found: string, expected: string, position: Position = { line: 1, column: 1 }): never => {
    throw new ConfigError({ file, position, field: '', found, expected });
  };

  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (tooDeep(body)) fail('nesting that is too deep', 'a cluster file, which is at most a few levels deep');
  const document = parseDocument(body, {
    version: '1.2',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'silent',
  });
  const [first] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first) {
    const { found, expected } = friendly(first);
    fail(found, expected, place(first.pos[0]));
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    fail('aliases that repeat too much', `at most ${MAX_ALIASES} uses of an anchor`);
  }
  return {
    file,
    value,
    at: (path) => place(offsetOf(document, path, false)),
    atKey: (path) => place(offsetOf(document, path, true)),
  };
};
