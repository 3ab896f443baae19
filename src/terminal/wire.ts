/**
 * Bytes to a terminal without ever waiting for it. On Linux a write to a terminal whose far side does not read stops
 * the whole process, so the descriptor is made non-blocking while it is ours, and what it does not take is kept here.
 */
import { readFileSync, writeSync } from 'node:fs';

const O_NONBLOCK = 0o4000;

/** The terminal is gone: nobody will ever read what is written. */
export class LinkLost extends Error {
  override name = 'LinkLost';
}

type BlockingHandle = { setBlocking?: (blocking: boolean) => number };

/** Switches a stream's descriptor between waiting and not waiting. False where this Node cannot. */
export function setBlocking(stream: NodeJS.WriteStream, blocking: boolean): boolean {
  const handle = (stream as unknown as { _handle?: BlockingHandle | null })._handle;
  // Not documented by Node, hence the care; without it frames are still right, only a slow terminal holds us up.
  if (typeof handle?.setBlocking !== 'function') return false;
  return handle.setBlocking(blocking) === 0;
}

/** True when reads of this descriptor return at once (Linux tells it; elsewhere the answer is no). */
export function neverBlocks(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_NONBLOCK) !== 0;
  } catch {
    return false;
  }
}

/** One descriptor and what it has not taken yet. */
export class Wire {
  #fd: number;
  #rest: Buffer | undefined;
  bytes = 0;
  writes = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** True while bytes are waiting for room. */
  get busy(): boolean {
    return this.#rest !== undefined;
  }

  /** Writes now as much as fits. @throws LinkLost */
  send(text: string): void {
    const more = Buffer.from(text, 'utf8');
    this.#rest = this.#rest === undefined ? more : Buffer.concat([this.#rest, more]);
    this.push();
  }

  /** Tries again to write what is left. @throws LinkLost */
  push(): void {
    while (this.#rest !== undefined) {
      const taken = this.#write(this.#rest);
      if (taken === 0) return;
      this.#rest = taken === this.#rest.length ? undefined : this.#rest.subarray(taken);
    }
  }

  /** Throws away what is left. True when something was cut, perhaps inside a sequence: begin the next write with CAN. */
  abandon(): boolean {
    const cut = this.#rest !== undefined;
    this.#rest = undefined;
    return cut;
  }

  #write(bytes: Buffer): number {
    try {
      const taken = writeSync(this.#fd, bytes);
      this.writes++;
      this.bytes += taken;
      return taken;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EAGAIN') return 0;
      if (code === 'EINTR') return 0;
      throw new LinkLost(`the terminal is gone (${code ?? String(error)})`);
    }
  }
}
