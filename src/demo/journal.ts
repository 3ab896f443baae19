import { between, hex, type Random } from './random.ts';

/** One journal entry. `at` is wall ms with fractions (µs). */
export type JournalEntry = {
  at: number;
  unit: string;
  identifier: string;
  pid: number;
  message: string;
  cursor: string;
  /** systemd's own words about a unit carry UNIT=, a service's own words _SYSTEMD_UNIT=. */
  bySystemd: boolean;
};

/** The journal of one machine, bounded, newest last. */
export type Journal = {
  entries(): readonly JournalEntry[];
  /** `at` only for history that lies before the start. */
  write(unit: string, identifier: string, pid: number, message: string, at?: number): void;
  /** Hears every new entry; returns the unsubscriber. */
  follow(listener: (entry: JournalEntry) => void): () => void;
  bootId: string;
  machineId: string;
};

const LIMIT = 1000;

/** An empty journal. `wall` gives ms since the epoch. */
export const createJournal = (wall: () => number, random: Random): Journal => {
  const entries: JournalEntry[] = [];
  const listeners = new Set<(entry: JournalEntry) => void>();
  const bootId = hex(random, 32);
  const source = hex(random, 32);
  let sequence = between(random, 0x700, 0xa00);
  return {
    entries: () => entries,
    write: (unit, identifier, pid, message, at = wall()) => {
      sequence += 1;
      const micros = Math.round(at * 1000).toString(16);
      const cursor = `s=${source};i=${sequence.toString(16)};b=${bootId};m=${micros.slice(-8)};t=${micros};x=${hex(random, 16)}`;
      const entry = { at, unit, identifier, pid, message, cursor, bySystemd: identifier === 'systemd' };
      entries.push(entry);
      if (entries.length > LIMIT) entries.splice(0, entries.length - LIMIT);
      for (const listener of listeners) listener(entry);
    },
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    bootId,
    machineId: hex(random, 32),
  };
};
