import { readFileSync } from 'node:fs';

/** What a transcript tells: a command and what came of it, or something that was done or looked at in between. */
export type Entry =
  | {
      kind: 'run';
      line: string;
      node: string;
      user: string;
      input: string;
      stdout: string[];
      stderr: string[];
      code: number;
      ms: number;
    }
  | { kind: 'wait'; ms: number }
  | { kind: 'fault'; words: string[] }
  | { kind: 'change'; words: string[] }
  | { kind: 'write'; node: string; path: string; text: string }
  | { kind: 'edit'; node: string; path: string; from: string; to: string }
  | { kind: 'watch' }
  | { kind: 'watched'; lines: string[] }
  | { kind: 'holders'; vip: string; names: string }
  | { kind: 'pids'; unit: string; said: string }
  | { kind: 'journal'; lines: string[] };

/** A scene that was played on the real pair (`lab transcripts`). */
export type Transcript = { title: string; entries: Entry[] };

const command = /^(\S+) (\S+) \$ (.*)$/;

/** Reads `fixtures/captured/transcripts/NAME.txt`. */
export const readTranscript = (name: string): Transcript => {
  const url = new URL(`../../fixtures/captured/transcripts/${name}.txt`, import.meta.url);
  const [title = '', ...lines] = readFileSync(url, 'utf8').trimEnd().split('\n');
  const entries: Entry[] = [];
  let run: Extract<Entry, { kind: 'run' }> | undefined;
  for (const line of lines) {
    const [, mark = '', rest = ''] = /^(\S) ?(.*)$/.exec(line) ?? [];
    const begins = command.exec(line);
    const words = rest.split(' ');
    if (begins) {
      const [, node = '', user = '', text = ''] = begins;
      run = { kind: 'run', line: text, node, user, input: '', stdout: [], stderr: [], code: 0, ms: 0 };
      entries.push(run);
    } else if (mark === '<' && run) run.input = JSON.parse(rest) as string;
    else if (mark === '|' && run) run.stdout.push(rest);
    else if (mark === '!' && run) run.stderr.push(rest);
    else if (mark === '=' && run) [run.code = 0, run.ms = 0] = rest.match(/\d+/g)!.map(Number);
    else if (mark === 'J') {
      const last = entries.at(-1);
      if (last?.kind === 'journal') last.lines.push(rest);
      else entries.push({ kind: 'journal', lines: [rest] });
    } else if (mark === '@' && words[0] === 'holders')
      entries.push({ kind: 'holders', vip: words[1]!.replace(':', ''), names: words.slice(2).join(' ') });
    else if (mark === '@')
      entries.push({ kind: 'pids', unit: words[1]!.replace(':', ''), said: words.slice(2).join(' ') });
    else if (mark === 'M') (entries.at(-1) as Extract<Entry, { kind: 'watched' }>).lines.push(rest);
    else if (words[0] === 'watch') entries.push({ kind: 'watch' });
    else if (words[0] === 'watched') entries.push({ kind: 'watched', lines: [] });
    else if (words[0] === 'wait') entries.push({ kind: 'wait', ms: Number(words[1]) });
    else if (words[0] === 'fault') entries.push({ kind: 'fault', words: words.slice(1) });
    else if (words[0] === 'change') entries.push({ kind: 'change', words: words.slice(1) });
    else if (words[0] === 'write') {
      const [node, path, text] = JSON.parse(rest.slice(6)) as [string, string, string];
      entries.push({ kind: 'write', node, path, text });
    } else if (words[0] === 'edit') {
      const [node, path, from, to] = JSON.parse(rest.slice(5)) as [string, string, string, string];
      entries.push({ kind: 'edit', node, path, from, to });
    } else throw new Error(`${name}: not understood: ${line}`);
  }
  return { title: title.slice(2), entries };
};
