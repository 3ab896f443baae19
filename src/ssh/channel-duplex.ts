import type { ClientChannel } from 'ssh2';
import { SocketLike } from './socket-like.ts';

/**
 * A well-behaved Duplex around an ssh2 channel. The raw channel overrides destroy() and waits in `close` for an `end`
 * that nobody reads, which hung undici and, on a dead jump host, close() itself.
 */
export class ChannelDuplex extends SocketLike {
  readonly #channel: ClientChannel;

  constructor(channel: ClientChannel) {
    super();
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => this.push(null));
    channel.on('close', () => {
      this.push(null);
      // What has arrived and is not read yet still belongs to the reader.
      if (this.readableLength === 0) this.destroy();
      else this.once('end', () => this.destroy());
    });
    channel.on('error', (error: Error) => this.destroy(error));
    channel.stderr?.resume();
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // A channel that is no longer open swallows the callback: nobody would ever be told.
    if (!this.#channel.writable) callback(new Error('the connection was closed'));
    else this.#channel.write(chunk, encoding, callback);
  }

  override _final(callback: () => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#channel.close();
    // What still arrives is thrown away, so that the channel can end.
    this.#channel.resume();
    callback(error);
  }
}
