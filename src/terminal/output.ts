/** The stdout that Ink gets: it looks like the terminal and hands every write to the layer. */
import { Writable } from 'node:stream';

/** Makes the stand-in. Its size is that of the real one, always. */
export function standInOutput(stdout: NodeJS.WriteStream, onWrite: (chunk: string) => void): NodeJS.WriteStream {
  const writable = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      onWrite(String(chunk));
      done();
    },
  });
  // A resize is listened to by every component that asks for the size.
  writable.setMaxListeners(0);
  Object.defineProperties(writable, {
    isTTY: { value: true },
    columns: { get: () => stdout.columns },
    rows: { get: () => stdout.rows },
    getColorDepth: { value: (env?: object) => stdout.getColorDepth(env) },
    hasColors: { value: (count?: number) => stdout.hasColors(count) },
    getWindowSize: { value: () => [stdout.columns, stdout.rows] },
  });
  return writable as unknown as NodeJS.WriteStream;
}
