import type { ParsedKey } from 'ssh2';
import { unlock } from './key-file.ts';
import type { Prompts } from './prompts.ts';

/**
 * Keys that a person has unlocked, kept in memory for reconnects. A file is asked for once, whoever needs it; a
 * refusal holds until `forgetRefusals`.
 */
export type KeyRing = {
  /** Null when the passphrase was refused or nobody could be asked. */
  unlock(file: string, text: string, hop: string, signal: AbortSignal): Promise<ParsedKey | null>;
  forgetRefusals(): void;
};

const tries = 3;

/** A ring without keys; it asks through `prompts`. */
export const createKeyRing = (prompts: Prompts): KeyRing => {
  const keys = new Map<string, Promise<ParsedKey | null>>();
  const ask = async (file: string, text: string, hop: string, signal: AbortSignal): Promise<ParsedKey | null> => {
    for (let attempt = 0; attempt < tries; attempt++) {
      const answers = await prompts.ask({ kind: 'passphrase', hop, file, again: attempt > 0 }, signal);
      if (answers === null) return null;
      const parsed = unlock(text, answers[0] ?? '');
      if (parsed.ok) return parsed.key;
    }
    return null;
  };
  return {
    async unlock(file, text, hop, signal) {
      for (;;) {
        const known = keys.get(file);
        if (known === undefined) break;
        const key = await known;
        // Whoever asked first may have been interrupted: then it is our turn, unless we have been too.
        if (key !== null || keys.has(file) || signal.aborted) return key;
      }
      const asked = ask(file, text, hop, signal).then((key) => {
        if (key === null && signal.aborted) keys.delete(file);
        return key;
      });
      keys.set(file, asked);
      return asked;
    },
    forgetRefusals() {
      for (const [file, asked] of keys) {
        void asked.then((key) => {
          if (key === null && keys.get(file) === asked) keys.delete(file);
        });
      }
    },
  };
};
