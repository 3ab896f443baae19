import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Consoles record by default: those that are measured not among the developer's own sessions.
const state = mkdtempSync(join(tmpdir(), 'bench-state-'));
process.env.XDG_STATE_HOME = state;
process.on('exit', () => rmSync(state, { recursive: true, force: true }));

/** The middle value. */
export const median = (values: number[]): number => quantile(values, 0.5);

/** The value below which a part `q` (0 to 1) of the values lies. */
export const quantile = (values: number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const TICKS_PER_SECOND = 100;

const statOf = (pid: number): { ppid: number; cpu: number; own: number } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const own = (fields[11] ?? 0) + (fields[12] ?? 0);
    // Children that have ended are counted by whoever waited for them.
    return { ppid: fields[1] ?? 0, own, cpu: own + (fields[13] ?? 0) + (fields[14] ?? 0) };
  } catch {
    return undefined;
  }
};

/** A process and everything below it, now. */
export const familyOf = (root: number): number[] => {
  const parents = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = pid > 0 ? statOf(pid) : undefined;
    if (stat) parents.set(stat.ppid, [...(parents.get(stat.ppid) ?? []), pid]);
  }
  const family = [root];
  for (const pid of family) family.push(...(parents.get(pid) ?? []));
  return family;
};

/** CPU time of processes and of their children that have ended, in ms (resolution 10 ms). */
export const cpuMs = (pids: number[]): number =>
  pids.reduce((sum, pid) => sum + (statOf(pid)?.cpu ?? 0), 0) * (1000 / TICKS_PER_SECOND);

/** Rows as an aligned table. */
export const table = (rows: (string | number)[][]): string => {
  const text = rows.map((row) => row.map(String));
  const widths = (text[0] ?? []).map((_, column) => Math.max(...text.map((row) => row[column]?.length ?? 0)));
  return text
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
