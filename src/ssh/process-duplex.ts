import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { SocketLike } from './socket-like.ts';

/** Stdin and stdout of a process as one stream; destroying it ends the process. */
export class ProcessDuplex extends SocketLike {
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdout.on('end', () => this.push(null));
    child.stdout.on('error', (error) => this.destroy(error));
    child.stdin.on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, encoding, callback);
  }

  override _final(callback: () => void): void {
    this.#child.stdin.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#child.stdout.resume();
    this.#child.kill();
    callback(error);
  }
}
