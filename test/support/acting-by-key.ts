/** The keys of a person who acts: hands that are not faster than hands, and a look at what the cluster itself has done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoCluster, isHealthy, openConsole } from './demo-console.ts';
import type { Pty } from './pty.ts';

/** A question counts as read after 0.3 s, and a held key repeats within 1.1 s: a person takes longer. */
const READING = 450;
const CALM = 1200;

/** A console that has seen enough of the cluster: what it learns first of all is no change of the state later. */
export const watchAwhile = async (
  cluster: DemoCluster,
  args: string[] = [],
  [cols, rows]: [number, number] = [120, 34],
): Promise<Pty> => {
  const pty = openConsole(['watch', '-c', cluster.clusterFile, ...args], { cols, rows });
  await pty.until(isHealthy, 15_000);
  await pty.until(/healthy for [3-9]s/, 15_000);
  return pty;
};

/** Opens the log of commands and reads it. */
export const commandLog = async (pty: Pty): Promise<string> => {
  pty.send('@');
  await pty.until(/7 Commands/);
  return pty.screen().join('\n').split('7 Commands')[1] ?? '';
};

/** Focuses the pane of this number and presses the keys one after the other, each once the console has heard the one before. */
export const openDialog = async (pty: Pty, pane: number, keys: string, title: RegExp): Promise<void> => {
  pty.send(String(pane));
  await pty.until(new RegExp(`▸${pane} `));
  const [key = '', choice] = keys;
  pty.send(key);
  if (choice !== undefined) {
    await pty.until(/esc leaves/);
    pty.send(choice);
  }
  await pty.until(title);
};

/** Waits until the dialog asks to be confirmed, and reads it. */
export const readPlan = async (pty: Pty, ask: RegExp = /to do it/): Promise<void> => {
  await pty.until(ask, 15_000);
  await sleep(READING);
};

/** No two keys of a hand come closer together than this, ms: the console takes 15 for a paste. */
const APART = 30;

/** Types a word letter by letter; the last one confirms. */
export const typeWord = async (pty: Pty, word: string): Promise<void> => {
  let typed = '';
  for (const [index, letter] of [...word].entries()) {
    // Also after the key before the word.
    await sleep(APART);
    pty.send(letter);
    typed += letter;
    if (index < word.length - 1) await pty.until((rows) => rows.some((row) => row.includes(`> ${typed}▏`)));
  }
};

/** Presses one key, alone. */
export const pressAlone = async (pty: Pty, key: string): Promise<void> => {
  await sleep(CALM);
  pty.send(key);
};

/** Does what the dialog asks for: types its word, or presses its key. */
export const confirmPlan = async (pty: Pty): Promise<void> => {
  const word = /type (\S+) to do it/.exec(pty.screen().join('\n'))?.[1];
  if (word) await typeWord(pty, word);
  else await pressAlone(pty, 'y');
};

/** What every machine runs, by its process ids: the same text means that nothing was stopped, started or restarted. */
export const runs = (cluster: DemoCluster): string =>
  cluster.world.hosts
    .flatMap(({ machine }) =>
      [...machine.units].map(
        ([name, unit]) => `${machine.name} ${name} ${unit.active} ${unit.processes.map((one) => one.pid).join(' ')}`,
      ),
    )
    .join('\n');
