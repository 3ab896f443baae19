import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Strays } from '../../src/terminal/stray.ts';

function fakeStream(isTTY: boolean) {
  const seen: string[] = [];
  const writable = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      seen.push(String(chunk));
      done();
    },
  });
  return { seen, stream: Object.assign(writable, { isTTY }) as unknown as NodeJS.WriteStream };
}

describe('text that would tear the picture', () => {
  it('is kept while the terminal is ours and handed over afterwards', async () => {
    const { seen, stream } = fakeStream(true);
    const strays = new Strays([stream]);
    await new Promise<void>((done) => void stream.write('one\n', () => done()));
    stream.write(Buffer.from('zwö\n'));
    expect(seen).toEqual([]);
    expect(strays.release()).toBe('one\nzwö\n');
    stream.write('after');
    expect(seen).toEqual(['after']);
  });

  it('is kept up to a bound, and what was dropped is counted', () => {
    const { stream } = fakeStream(true);
    const strays = new Strays([stream]);
    for (let i = 0; i < 100; i++) stream.write('x'.repeat(1000));
    const text = strays.release();
    expect(text.length).toBeLessThan(66_000);
    expect(text).toMatch(/… 34464 more characters were dropped\n$/);
  });

  it('is no concern where the stream goes to a file', () => {
    const { seen, stream } = fakeStream(false);
    const strays = new Strays([stream]);
    stream.write('to the file');
    expect(seen).toEqual(['to the file']);
    expect(strays.release()).toBe('');
  });

  it('passes on again under a wrapper that somebody else put around it meanwhile', () => {
    const { seen, stream } = fakeStream(true);
    const strays = new Strays([stream]);
    const ours = stream.write;
    const wrapper = (text: string): boolean => ours.call(stream, `[${text}]`);
    stream.write = wrapper as typeof stream.write;
    stream.write('a');
    expect(strays.release()).toBe('[a]');
    expect(stream.write).toBe(wrapper);
    stream.write('b');
    expect(seen).toEqual(['[b]']);
  });
});
