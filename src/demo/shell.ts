import { runNote } from './note.ts';
import { put } from './tools/files.ts';
import { runTool } from './tools/table.ts';
import type { ToolContext, ToolResult } from './tools/tool.ts';

type Token = { text: string; operator: boolean };

/** Splits a command line into words and operators, taking quotes and backslashes away as sh does. Nothing is expanded. */
export const tokens = (line: string): Token[] => {
  const found: Token[] = [];
  let word: string | undefined;
  const push = (): void => {
    if (word !== undefined) found.push({ text: word, operator: false });
    word = undefined;
  };
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at]!;
    const operator = /^(?:&&|\|\||2>&1|2?>>|2?>|[;|<&\n])/.exec(line.slice(at))?.[0];
    if (char === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) throw new Error('Syntax error: Unterminated quoted string');
      word = (word ?? '') + line.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      word ??= '';
      for (at += 1; line[at] !== '"'; at += 1) {
        if (at >= line.length) throw new Error('Syntax error: Unterminated quoted string');
        if (line[at] === '\\' && /["\\$`]/.test(line[at + 1] ?? '')) at += 1;
        word += line[at];
      }
    } else if (char === '\\') {
      at += 1;
      word = (word ?? '') + (line[at] ?? '');
    } else if (char === ' ' || char === '\t') push();
    else if (operator && (word === undefined || !operator.startsWith('2'))) {
      push();
      found.push({ text: operator, operator: true });
      at += operator.length - 1;
    } else word = (word ?? '') + char;
  }
  push();
  return found;
};

/** The words of one simple command. */
export const wordsOf = (line: string): string[] => tokens(line).map(({ text }) => text);

type Command = { words: string[]; redirections: { operator: string; path: string }[] };

/** One command with its redirections. */
const runCommand = async (context: ToolContext, { words, redirections }: Command): Promise<ToolResult> => {
  const result = { ...(await runTool(context, words)) };
  for (const { operator, path } of redirections) {
    if (operator === '2>&1') {
      result.stdout += result.stderr;
      result.stderr = '';
    } else if (operator === '2>' || operator === '2>>') result.stderr = '';
    else if (operator === '>' || operator === '>>') {
      const error = path === '/dev/null' ? undefined : put(context, path, result.stdout, operator === '>>');
      if (error !== undefined) return { stdout: '', stderr: `bash: line 1: ${path}: ${error}\n`, code: 1 };
      result.stdout = '';
    }
  }
  return result;
};

/**
 * A command line as a login shell would take it: words, quotes, `;` `&&` `||`, pipes and redirections. No variables, no
 * substitution, no control flow: what is not understood is an error, never something else.
 */
export const runLine = async (context: ToolContext, line: string): Promise<ToolResult> => {
  const note = runNote(context, line);
  if (note) return note;
  let list: Token[];
  try {
    list = tokens(line);
  } catch (error) {
    return { stdout: '', stderr: `sh: 1: ${(error as Error).message}\n`, code: 2 };
  }
  const total: ToolResult = { stdout: '', stderr: '', code: 0 };
  let pipeline: Command[] = [{ words: [], redirections: [] }];
  let skip = false;
  const finish = async (): Promise<void> => {
    const commands = pipeline;
    pipeline = [{ words: [], redirections: [] }];
    if (skip || (commands.length === 1 && commands[0]!.words.length === 0)) return;
    let stdin = context.stdin;
    let output = '';
    for (const command of commands) {
      const result = await runCommand({ ...context, stdin }, command);
      output = result.stdout;
      stdin = async () => result.stdout;
      total.stderr += result.stderr;
      total.code = result.code;
    }
    total.stdout += output;
  };
  for (let at = 0; at < list.length; at += 1) {
    const { text, operator } = list[at]!;
    const command = pipeline.at(-1)!;
    if (!operator) command.words.push(text.replaceAll('$?', String(total.code)));
    else if (text === '|') pipeline.push({ words: [], redirections: [] });
    else if (text === '2>&1') command.redirections.push({ operator: text, path: '' });
    else if (/[<>]/.test(text)) {
      at += 1;
      command.redirections.push({ operator: text, path: list[at]?.text ?? '' });
    } else {
      await finish();
      skip = (text === '&&' && total.code !== 0) || (text === '||' && total.code === 0);
    }
  }
  await finish();
  return total;
};
