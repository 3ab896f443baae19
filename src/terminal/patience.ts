/** Waiting, with an end to it. */
import { readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { neverBlocks } from './wire.ts';

const STEP = 4;

/** Waits until `done`, at most `limit` milliseconds. */
export async function waitFor(done: () => boolean, limit: number): Promise<void> {
  const end = performance.now() + limit;
  while (!done() && performance.now() < end) await sleep(STEP);
}

/** The same without the event loop, for the moments when there is none any more. `done` may do work. */
export function waitForSync(done: () => boolean, limit: number): void {
  const end = performance.now() + limit;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!done() && performance.now() < end) Atomics.wait(cell, 0, 0, STEP);
}

/**
 * Reads the terminal's `count` answers that are still on their way, so that they do not end up as input of the shell.
 * Keys typed meanwhile are lost with them.
 */
export function swallowAnswers(fd: number, count: number, limit: number): void {
  if (count === 0 || !neverBlocks(fd)) return;
  const buffer = Buffer.alloc(4096);
  let seen = '';
  waitForSync(() => {
    try {
      const length = readSync(fd, buffer);
      if (length === 0) return true;
      seen += buffer.toString('latin1', 0, length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return true;
    }
    return (seen.match(/\x1b\[[03]n/g)?.length ?? 0) >= count;
  }, limit);
}
