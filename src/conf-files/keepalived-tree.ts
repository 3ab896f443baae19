import type { Directive, Problem, Tree } from './directive.ts';
import { type ConfigFiles, folderOf, included } from './include.ts';

/** Where keepalived looks when nothing else is said. */
export const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';

type Token = { kind: 'word' | 'open' | 'close' | 'end'; text: string };

/** keepalived.conf(5): a line is a directive, `!` and `#` begin comments, `"…"` keeps blanks, braces stand alone or not. */
const tokens = function* (text: string): Generator<Token> {
  const scan = /[!#][^\n]*|"((?:[^"\\\n]|\\.)*)"?|([{}])|(\n)|[^\s{}"!#][^\s{}"]*/g;
  for (const match of text.matchAll(scan)) {
    const [whole, quoted, brace, newline] = match;
    if (quoted !== undefined) yield { kind: 'word', text: quoted };
    else if (brace) yield { kind: brace === '{' ? 'open' : 'close', text: brace };
    else if (newline) yield { kind: 'end', text: '' };
    else if (!/^[!#]/.test(whole)) yield { kind: 'word', text: whole };
  }
};

/** Deepest nesting that is followed; keepalived's own blocks have three levels. */
const DEEPEST = 16;

/** The directives of one file up to its first problem. */
const read = (text: string, file: string): { root: Directive[]; problem?: Problem } => {
  const root: Directive[] = [];
  const stack: { list: Directive[]; line: number }[] = [{ list: root, line: 0 }];
  let line = 1;
  let current: Directive | undefined;
  const problem = (at: number, text: string) => ({
    root,
    problem: { kind: 'braces' as const, file, line: at, text },
  });
  for (const { kind, text: word } of tokens(text)) {
    const { list } = stack.at(-1)!;
    if (kind === 'word') {
      if (!current) {
        current = { words: [], file, line };
        list.push(current);
      }
      current.words.push(word);
      continue;
    }
    if (kind === 'open') {
      // The brace may stand on the line after its directive.
      const owner = current ?? list.at(-1);
      if (!owner || owner.block) return problem(line, 'a brace opens what has no name');
      if (stack.length > DEEPEST) return problem(line, `more than ${DEEPEST} blocks in each other`);
      owner.block = [];
      stack.push({ list: owner.block, line });
    } else if (kind === 'close') {
      if (stack.length === 1) return problem(line, 'a brace closes what was not opened');
      stack.pop();
    } else line += 1;
    current = undefined;
  }
  return stack.length === 1 ? { root } : problem(stack.at(-1)!.line, 'this brace is never closed');
};

/** `$NAME=value` lines and their uses; what is set in one file holds in those read after it. Lines keep their numbers. */
const substitute = (text: string, values: Map<string, string>): string => {
  // A file that blows itself up is read as it stands.
  let room = 3 * text.length + 65_536;
  const result = text
    .split('\n')
    .map((line) => {
      const set = /^\s*\$([A-Za-z_]\w{0,63})=(.{0,1000})$/.exec(line);
      if (set) values.set(set[1]!, set[2]!.trim());
      if (set) return '';
      return line.replace(/\$(?:\{(\w{1,64})\}|(\w{1,64}))/g, (use, braced, bare) => {
        const value = values.get(braced ?? bare) ?? use;
        room -= Math.max(0, value.length - use.length);
        return room < 0 ? use : value;
      });
    })
    .join('\n');
  return room < 0 ? text : result;
};

/** keepalived.conf with the files that it includes, each once. Lines for one configuration id only (`@id …`) stay as they are. */
export const keepalivedTree = (text: string, files: ConfigFiles = new Map(), path = KEEPALIVED_CONF): Tree => {
  const left = new Map(files);
  const values = new Map<string, string>();
  const tree: Tree = { root: [], problems: [], missing: [] };
  const load = (content: string, file: string): Directive[] => {
    const { root, problem } = read(substitute(content, values), file);
    if (problem) tree.problems.push(problem);
    return expand(root, folderOf(file));
  };
  const expand = (list: Directive[], base: string): Directive[] =>
    list.flatMap((directive) => {
      const [word = '', pattern] = directive.words;
      if (!/^include[rmwbacf]?$/.test(word) || pattern === undefined)
        return directive.block ? [{ ...directive, block: expand(directive.block, base) }] : [directive];
      if (included(files, pattern, base).length === 0) tree.missing.push(directive);
      return included(left, pattern, base).flatMap((inner) => {
        const content = left.get(inner) ?? '';
        left.delete(inner);
        return load(content, inner);
      });
    });
  tree.root = load(text, path);
  return tree;
};
