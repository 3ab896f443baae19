import { Duplex } from 'node:stream';

/** A Duplex with the socket methods that HTTP clients and ssh2 call; they do nothing. */
export abstract class SocketLike extends Duplex {
  constructor() {
    super({ allowHalfOpen: false });
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
