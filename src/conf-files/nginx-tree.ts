import type { Directive, Problem, Tree } from './directive.ts';
import { type ConfigFiles, included } from './include.ts';

/** Where the packages of all distributions put it. */
export const NGINX_CONF = '/etc/nginx/nginx.conf';

/** Deepest nesting that is followed. */
const DEEPEST = 32;

/** nginx: a directive ends with `;` or has a block, `#` begins a comment, quotes of both kinds keep blanks. */
const scanner = (): RegExp =>
  /#[^\n]*|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([{};])|(?:[^\s{};"'#]|\$\{)(?:[^\s{};]|\$\{\w*\}|\{(?=\d))*/g;

/** The directives of one file up to its first brace that does not fit. */
const read = (text: string, file: string): { root: Directive[]; problems: Problem[] } => {
  const root: Directive[] = [];
  const problems: Problem[] = [];
  const stack: { list: Directive[]; line: number }[] = [{ list: root, line: 0 }];
  let words: string[] = [];
  let begun = 1;
  let line = 1;
  let counted = 0;
  /** Open braces of a Lua block, whose text is not nginx's. */
  let foreign = 0;
  const fail = (kind: Problem['kind'], at: number, text: string) => problems.push({ kind, file, line: at, text });
  for (const match of text.matchAll(scanner())) {
    const [whole, double, single, mark] = match;
    for (; counted < match.index; counted += 1) if (text.charCodeAt(counted) === 10) line += 1;
    if (foreign > 0) {
      if (mark === '{') foreign += 1;
      else if (mark === '}') foreign -= 1;
      continue;
    }
    if (mark === undefined) {
      if (double === undefined && single === undefined && whole.startsWith('#')) continue;
      if (words.length === 0) begun = line;
      words.push(double ?? single ?? whole);
      continue;
    }
    if (mark === '}') {
      if (words.length > 0) fail('end', begun, `"${words[0]}" does not end with ";"`);
      if (stack.length === 1) {
        fail('braces', line, 'a brace closes what was not opened');
        return { root, problems };
      }
      stack.pop();
    } else {
      const directive: Directive = { words, file, line: words.length > 0 ? begun : line };
      stack.at(-1)!.list.push(directive);
      if (mark === '{') {
        directive.block = [];
        if (/_by_lua_block$/.test(words[0] ?? '')) foreign = 1;
        else stack.push({ list: directive.block, line: directive.line });
      }
      if (stack.length > DEEPEST) {
        fail('braces', line, `more than ${DEEPEST} blocks in each other`);
        return { root, problems };
      }
    }
    words = [];
  }
  if (words.length > 0) fail('end', begun, `"${words[0]}" does not end with ";"`);
  if (stack.length > 1 || foreign > 0) fail('braces', stack.at(-1)!.line || line, 'this block is never closed');
  return { root, problems };
};

/** nginx.conf with the files that it includes in their place, each once. Patterns are relative to /etc/nginx, as in all packages. */
export const nginxTree = (text: string, files: ConfigFiles = new Map(), path = NGINX_CONF): Tree => {
  const left = new Map(files);
  const tree: Tree = { root: [], problems: [], missing: [] };
  const load = (content: string, file: string): Directive[] => {
    const { root, problems } = read(content, file);
    tree.problems.push(...problems);
    return expand(root);
  };
  const expand = (list: Directive[]): Directive[] =>
    list.flatMap((directive) => {
      const [word, pattern] = directive.words;
      if (word !== 'include' || pattern === undefined)
        return directive.block ? [{ ...directive, block: expand(directive.block) }] : [directive];
      if (included(files, pattern, '/etc/nginx').length === 0) tree.missing.push(directive);
      return included(left, pattern, '/etc/nginx').flatMap((inner) => {
        const content = left.get(inner) ?? '';
        left.delete(inner);
        return load(content, inner);
      });
    });
  tree.root = load(text, path);
  return tree;
};

/** Every directive of a tree, each block's after it. */
export const flat = (list: readonly Directive[]): Directive[] => list.flatMap((one) => [one, ...flat(one.block ?? [])]);
