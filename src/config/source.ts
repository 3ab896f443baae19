import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
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
  return /^ {400}/m.test(text) || /^ *(?:[-?:] +){40}/m.test(text);
};

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key).trim());

/** Offset of the node (or key) that stands at `path`, aliases followed; of the nearest thing that exists when it does not. */
const offsetOf = (document: Document, path: Path, wantKey: boolean): number => {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === String(segment));
      if (!pair) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
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

type Flaw = { offset: number; found: string; expected: string };

/** What the parser lets through but a cluster file must not have. The parser's own search for double keys takes n² steps. */
const flawsOf = (document: Document): Flaw[] => {
  const flaws: Flaw[] = [];
  let aliases = 0;
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const text = keyText(key);
        const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (seen.has(text))
          flaws.push({ offset, found: `"${shown(text)}" a second time`, expected: 'each field once' });
        seen.add(text);
      }
    },
    Alias: (_, alias) => {
      const offset = alias.range?.[0] ?? 0;
      aliases++;
      if (aliases > MAX_ALIASES) {
        flaws.push({ offset, found: 'more aliases', expected: `at most ${MAX_ALIASES} aliases` });
        return visit.BREAK;
      }
      const found = `the alias *${shown(alias.source)} of an anchor that is not there`;
      if (!alias.resolve(document)) flaws.push({ offset, found, expected: 'a value or a known alias' });
      return undefined;
    },
  });
  return flaws;
};

const parse = (body: string, lineCounter: LineCounter): Document | undefined => {
  try {
    return parseDocument(body, {
      version: '1.2',
      lineCounter,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    });
  } catch {
    return undefined;
  }
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
  const document = tooDeep(body) ? undefined : parse(body, lines);
  if (!document) return fail('nesting that is too deep', 'a file that is at most a few levels deep');
  const [error] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (error) {
    const { found, expected } = friendly(error);
    fail(found, expected, place(error.pos[0]));
  }
  if (document.directives?.yaml.version !== '1.2') fail('another version of YAML', 'YAML 1.2');
  const [flaw] = flawsOf(document).sort((a, b) => a.offset - b.offset);
  if (flaw) fail(flaw.found, flaw.expected, place(flaw.offset));
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
