/**
 * Text that would tear the picture: what anything writes to stderr (or past Ink to stdout) while the terminal is ours,
 * and Node's own warnings, which Node prints to the descriptor itself. It is kept, and given back afterwards.
 */

/** Kept at most, in characters. The first words of trouble tell most, so the end is what is cut. */
const LIMIT = 65_536;

type Write = NodeJS.WriteStream['write'];

/** Catches from creation until `release`. A stream that is not a terminal (redirected to a file) is left alone. */
export class Strays {
  #text = '';
  #cut = 0;
  #undo: (() => void)[] = [];

  constructor(streams: readonly NodeJS.WriteStream[]) {
    for (const stream of streams) if (stream.isTTY) this.#catch(stream);
    if (process.stderr.isTTY) this.#catchWarnings();
  }

  /** Lets the streams go and returns what was caught. */
  release(): string {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    const text = this.#cut === 0 ? this.#text : `${this.#text}\n… ${this.#cut} more characters were dropped\n`;
    this.#text = '';
    this.#cut = 0;
    return text;
  }

  #keep(text: string): void {
    const room = LIMIT - this.#text.length;
    this.#text += text.slice(0, room);
    this.#cut += Math.max(0, text.length - room);
  }

  #catch(stream: NodeJS.WriteStream): void {
    const original = stream.write;
    let open = true;
    const caught = (...args: Parameters<Write>): boolean => {
      if (!open) return original.apply(stream, args);
      const [chunk, ...rest] = args;
      this.#keep(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done: unknown = rest.find((item: unknown) => typeof item === 'function');
      if (done !== undefined) process.nextTick(done as () => void);
      return true;
    };
    stream.write = caught as Write;
    this.#undo.push(() => {
      open = false;
      // Somebody may have wrapped it after us: then ours stays in the chain and lets everything through.
      if (stream.write === caught) stream.write = original;
    });
  }

  #catchWarnings(): void {
    const printers = process.listeners('warning').filter((listener) => listener.name === 'onWarning');
    const keep = (warning: Error): void => this.#keep(`${warning.name}: ${warning.message}\n`);
    for (const printer of printers) process.off('warning', printer);
    process.on('warning', keep);
    this.#undo.push(() => {
      process.off('warning', keep);
      for (const printer of printers) process.on('warning', printer);
    });
  }
}
