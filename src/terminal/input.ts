/** The stdin that Ink gets: the terminal's, without the terminal's own reports. */
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { ReplyFilter } from './replies.ts';

/** How long, in milliseconds, the beginning of a sequence waits for its rest before it counts as typed. */
const HOLD = 15;

/** Reads the real stdin from creation to `stop`. */
export class Input {
  readonly stream: NodeJS.ReadStream;
  /** True while typed keys go nowhere, as during leaving. */
  deaf = false;
  #stdin: NodeJS.ReadStream;
  #filter = new ReplyFilter();
  #decoder = new StringDecoder('utf8');
  #timer: NodeJS.Timeout | undefined;
  #readable: Readable;
  #onAnswer: (count: number) => void;
  #expecting: () => boolean;
  #onData = (data: Buffer | string): void => this.#take(data);

  /** `expecting`: is an answer of the terminal on its way; `onAnswer` is told each one that arrived. */
  constructor(stdin: NodeJS.ReadStream, expecting: () => boolean, onAnswer: (count: number) => void) {
    this.#stdin = stdin;
    this.#expecting = expecting;
    this.#onAnswer = onAnswer;
    this.#readable = new Readable({ read: () => {} });
    this.stream = standIn(this.#readable, stdin);
    stdin.on('data', this.#onData);
    stdin.resume();
  }

  /** Leaves the real stdin alone. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stdin.off('data', this.#onData);
    this.#stdin.pause();
    this.#stdin.unref?.();
  }

  #take(data: Buffer | string): void {
    clearTimeout(this.#timer);
    const text = typeof data === 'string' ? data : this.#decoder.write(data);
    const { keys, answers } = this.#filter.push(text, this.#expecting());
    if (answers > 0) this.#onAnswer(answers);
    this.#pass(keys);
    if (this.#filter.holding) this.#timer = setTimeout(() => this.#pass(this.#filter.release()), HOLD);
  }

  #pass(keys: string): void {
    if (keys !== '' && !this.deaf) this.#readable.push(keys);
  }
}

/** Raw mode belongs to the layer for as long as it is open: Ink's requests change nothing but the flag it reads. */
function standIn(readable: Readable, stdin: NodeJS.ReadStream): NodeJS.ReadStream {
  const stream = readable as unknown as NodeJS.ReadStream;
  stream.isTTY = true;
  stream.isRaw = false;
  stream.setRawMode = (raw: boolean) => {
    stream.isRaw = raw;
    return stream;
  };
  stream.ref = () => {
    stdin.ref?.();
    return stream;
  };
  stream.unref = () => {
    stdin.unref?.();
    return stream;
  };
  return stream;
}
