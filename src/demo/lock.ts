import type { ServerChannel } from 'ssh2';
import type { Machine } from './machine.ts';

/** `flock -n FOLDER /bin/sh -c 'echo WORD; exec timeout N cat > /dev/null'`: a lock that is held while its channel is open. */
const LOCK = /^exec flock -n \/\S+ \/bin\/sh -c 'echo ([\w-]+); exec timeout \d+ cat > \/dev\/null'$/;

const holders = new WeakMap<Machine, ServerChannel>();

/** The word that the command says once it holds the lock; undefined for any other command. */
export const lockWord = (command: string): string | undefined => LOCK.exec(command)?.[1];

/** Takes the machine's one lock until stdin ends, or ends with 1 and not a word, as flock(1) does with -n. */
export const runLock = (machine: Machine, channel: ServerChannel, word: string): void => {
  const leave = (code: number): void => {
    if (channel.destroyed) return;
    channel.exit(code);
    channel.end();
  };
  if (holders.has(machine)) {
    leave(1);
    return;
  }
  holders.set(machine, channel);
  const release = (): void => {
    if (holders.get(machine) === channel) holders.delete(machine);
    leave(0);
  };
  channel.on('end', release);
  channel.on('close', release);
  channel.resume();
  channel.write(`${word}\n`);
};
