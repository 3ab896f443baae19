import { execFile } from 'node:child_process';
import { quote } from './quote.ts';

const END = '\u001e';

/** Answers of `ssh -G` by its arguments; undefined where ssh did not succeed (it is then asked again for its own words). */
export type SshAnswers = (args: readonly string[]) => Promise<string | undefined>;

/**
 * Asks `ssh -G` about many hosts by one child of this process: each fork of ours stops everything for some 15 ms, and the
 * handshakes with it; those of a small shell do not. Hosts come one after the other, in the order given.
 */
export const askMany = (lists: readonly (readonly string[])[], env: Record<string, string | undefined>): SshAnswers => {
  const waiting = new Map(lists.map((args) => [args.join('\0'), Promise.withResolvers<string | undefined>()]));
  const order = [...waiting.values()];
  const script = lists
    .map((args) => `ssh ${args.map(quote).join(' ')} 2>/dev/null; printf '${END}%s\\n' $?`)
    .join('\n');
  let text = '';
  const child = execFile('/bin/sh', ['-c', script], { env, timeout: 5_000, maxBuffer: 8 << 20 }, () => {
    for (const one of order) one.resolve(undefined);
  });
  child.stdin?.end();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let match = text.match(/\u001e(\d+)\n/); match; match = text.match(/\u001e(\d+)\n/)) {
      order.shift()?.resolve(match[1] === '0' ? text.slice(0, match.index) : undefined);
      text = text.slice((match.index ?? 0) + match[0].length);
    }
  });
  return async (args) => await waiting.get(args.join('\0'))?.promise;
};
