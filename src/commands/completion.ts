import { shown } from '../config/errors.ts';
import { clusterOf } from './cluster.ts';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { completionModel } from './completion/model.ts';
import { valuesOf } from './completion/values.ts';
import { zshScript } from './completion/zsh.ts';
import type { CommonFlags, Io } from './io.ts';

/** The shells there is a script for. */
export const shells = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/**
 * `haconsole completion SHELL`: the script, exit status 0; 2 for a shell it does not know. `completion values KIND [WORD…]` is what the
 * scripts themselves ask; it says nothing when it has nothing to say.
 */
export const completionCommand = async (flags: CommonFlags & { words: string[] }, io: Io): Promise<number> => {
  const [shell = '', kind = '', ...words] = flags.words;
  if (shell === 'values') {
    const config = await clusterOf(flags, io).catch(() => undefined);
    io.stdout.write((await valuesOf(kind, words, config)).map((one) => `${one}\n`).join(''));
    return 0;
  }
  if (!Object.hasOwn(shells, shell) || kind !== '') {
    const given = flags.words.length === 0 ? 'nothing' : `"${shown(flags.words.join(' '))}"`;
    io.stderr.write(`haconsole completion: takes ${Object.keys(shells).join(', ')}, not ${given}\n`);
    return 2;
  }
  io.stdout.write(shells[shell as keyof typeof shells](completionModel()));
  return 0;
};
