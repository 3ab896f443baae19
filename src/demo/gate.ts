import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { DemoClock } from './clock.ts';
import type { Wire } from './wire.ts';

/** So many packets wait in one direction before the sender is held back. */
const HELD = 64;

/** A cable as what runs over it sees it. */
type Line = Pick<Wire, 'open' | 'delay' | 'onChange'>;

/** One direction of a connection: what is handed to it passes in order, when the wire lets it. */
class Lane {
  readonly #wire: Line;
  readonly #clock: DemoClock;
  readonly #queue: { due: number; run: () => void }[] = [];
  #cancel = (): void => {};

  constructor(wire: Line, clock: DemoClock) {
    this.#wire = wire;
    this.#clock = clock;
  }

  get full(): boolean {
    return this.#queue.length >= HELD;
  }

  pass(run: () => void): void {
    const { open, delay } = this.#wire;
    if (open && delay === 0 && this.#queue.length === 0) {
      run();
      return;
    }
    this.#queue.push({ due: this.#clock.now() + delay, run });
    this.pump();
  }

  pump(): void {
    this.#cancel();
    while (this.#wire.open && this.#queue[0] && this.#queue[0].due <= this.#clock.now()) this.#queue.shift()!.run();
    const [first] = this.#queue;
    if (this.#wire.open && first) this.#cancel = this.#clock.after(first.due - this.#clock.now(), () => this.pump());
  }

  close(): void {
    this.#cancel();
    this.#queue.length = 0;
  }
}

/**
 * A TCP connection that runs over a wire: delayed where the wire is slow, held in silence where it is cut (TCP would send
 * again until it heals), ended by its reset. The news that the far end closed travels the same way.
 */
export class Gate extends Duplex {
  readonly #socket: Socket;
  readonly #inward: Lane;
  readonly #outward: Lane;
  readonly #unsubscribe: () => void;
  #waiting: (() => void) | undefined;

  constructor(socket: Socket, wire: Line, clock: DemoClock) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#inward = new Lane(wire, clock);
    this.#outward = new Lane(wire, clock);
    this.#unsubscribe = wire.onChange((what) => {
      if (what === 'reset') this.destroy();
      else {
        this.#inward.pump();
        this.#outward.pump();
      }
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#inward.pass(() => {
        if (this.destroyed || !this.push(chunk)) socket.pause();
      });
      if (this.#inward.full) socket.pause();
    });
    socket.on('end', () => this.#inward.pass(() => this.push(null)));
    socket.on('error', () => {});
    socket.on('close', () => this.#inward.pass(() => this.destroy()));
  }

  override _read(): void {
    if (!this.#inward.full) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#outward.pass(() => {
      this.#gather();
      this.#socket.write(chunk);
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.();
    });
    if (this.#outward.full) this.#waiting = done;
    else done();
  }

  /** SSH writes many small packets in one go: they leave in one system call. */
  #gather(): void {
    if (this.#socket.writableCorked > 0) return;
    this.#socket.cork();
    setImmediate(() => this.#socket.uncork());
  }

  override _final(done: () => void): void {
    this.#outward.pass(() => this.#socket.end());
    done();
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    this.#unsubscribe();
    this.#inward.close();
    this.#outward.close();
    this.#socket.destroy();
    done(null);
  }
}
