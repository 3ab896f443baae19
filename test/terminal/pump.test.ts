import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, Pump } from '../../src/terminal/pump.ts';
import { LinkLost } from '../../src/terminal/wire.ts';
import { cellsOf, feed, makeScreen } from '../support/screen.ts';
import { frames } from './frames.ts';

/** A line that takes only as many bytes as it has room for. */
class FakeLine implements Line {
  room = Number.POSITIVE_INFINITY;
  broken = false;
  taken: Buffer[] = [];
  bytes = 0;
  writes = 0;
  #rest = Buffer.alloc(0);

  get busy(): boolean {
    return this.#rest.length > 0;
  }

  send(text: string): void {
    this.#rest = Buffer.concat([this.#rest, Buffer.from(text)]);
    this.push();
  }

  push(): void {
    if (this.broken) throw new LinkLost('gone');
    const now = this.#rest.subarray(0, this.room);
    this.#rest = this.#rest.subarray(now.length);
    this.room -= now.length;
    if (now.length === 0) return;
    this.writes++;
    this.bytes += now.length;
    this.taken.push(now);
  }

  abandon(): boolean {
    const cut = this.busy;
    this.#rest = Buffer.alloc(0);
    return cut;
  }

  /** Bytes as they come: a write may end in the middle of a sign. */
  readBytes(): Buffer {
    return Buffer.concat(this.taken.splice(0));
  }

  read(): string {
    return this.readBytes().toString();
  }
}

function setUp(size = { columns: 60, rows: 20 }) {
  const line = new FakeLine();
  const clock = { now: 0 };
  const lost: string[] = [];
  const pump = new Pump(
    line,
    () => size,
    () => clock.now,
    (why) => lost.push(why),
  );
  return { line, clock, lost, pump, size };
}

/** Lets the pump look at what it was given. */
const settle = (): Promise<void> => Promise.resolve();

describe('the pump', () => {
  it('shows the newest frame in the end, whatever the line took when, across resizes, repaints and dropped frames', async () => {
    const step = fc.record({
      room: fc.constantFrom(0, 1, 7, 50, 1000, 100_000),
      answer: fc.boolean(),
      resize: fc.option(fc.constantFrom([60, 20], [80, 24], [30, 10]), { freq: 6, nil: undefined }),
      repaint: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(frames(false, 20), fc.array(step, { minLength: 10, maxLength: 10 }), async (scene, steps) => {
        const { line, pump, size } = setUp();
        const term = makeScreen(60, 20, (reply) => {
          if (reply === '\x1b[0n') pump.answered(1);
        });
        line.room = 100;
        pump.start();
        let lines: string[] = [];
        for (const [i, draw] of scene.entries()) {
          const { room = 0, answer = false, resize, repaint = false } = steps[i] ?? {};
          if (resize !== undefined) {
            [size.columns = 0, size.rows = 0] = resize;
            term.resize(size.columns, size.rows);
            pump.repaint();
          }
          const picture = draw(size.columns).slice(-size.rows);
          // Ink writes nothing at all for a picture of nothing; one with a blank in it is the emptiest it draws.
          lines = picture.join('\n') === '' ? [' '] : picture;
          pump.draw(lines.join('\n'));
          if (repaint) pump.repaint();
          await settle();
          line.room = room;
          pump.push();
          if (answer) await feed(term, line.readBytes());
          await settle();
        }
        line.room = Number.POSITIVE_INFINITY;
        for (let i = 0; i < 6; i++) {
          pump.push();
          await feed(term, line.readBytes());
          pump.draw(`${lines.join('\n')}`);
          await settle();
        }
        await feed(term, line.readBytes());
        const whole = makeScreen(size.columns, size.rows);
        await feed(whole, `\x1b[?7l${lines.join('\r\n')}`);
        expect(cellsOf(term)).toEqual(cellsOf(whole));
        expect(pump.gate.outstanding).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('sends a frame as one write, in a synchronized update, with the question at its end', async () => {
    const { line, pump } = setUp();
    pump.start();
    pump.answered(1);
    line.read();
    const before = line.writes;
    pump.draw('\x1b[?2026h');
    pump.draw('\x1b[?25l');
    pump.draw('one\ntwo\n');
    pump.draw('\x1b[?2026l');
    await settle();
    expect(line.writes - before).toBe(1);
    expect(line.read()).toBe('\x1b[?2026h\x1b[m\x1b[?25l\x1b[H\x1b[2Jone\x1b[2Htwo\x1b[?2026l\x1b[5n');
  });

  it('wraps a change of many cells in a synchronized update, and spares a small one the bytes', async () => {
    const { line, pump } = setUp();
    pump.start();
    const shown = async (text: string) => {
      pump.draw(text);
      await settle();
      pump.answered(1);
      return line.read();
    };
    await shown('a');
    expect(await shown('b')).not.toContain('\x1b[?2026h');
    const many = await shown(Array.from({ length: 12 }, () => 'xy'.repeat(15)).join('\n'));
    expect(many).toMatch(/\x1b\[\?2026h.+\x1b\[\?2026l/s);
  });

  it('drops the frames between the one under way and the newest', async () => {
    const { line, pump } = setUp();
    pump.start();
    pump.answered(1);
    for (const text of ['1', '2', '3', '4']) {
      pump.draw(text);
      await settle();
    }
    line.read();
    pump.answered(1);
    expect(line.read()).toBe('\x1b[H4\x1b[5n');
    expect(pump.stats()).toMatchObject({ frames: 4, sent: 2, dropped: 2 });
  });

  it('passes the modes of the keyboard on without waiting for a frame, and takes them back when it stops', async () => {
    const { line, pump } = setUp();
    pump.start();
    pump.answered(1);
    line.read();
    pump.draw('\x1b[?2004h');
    pump.draw('\x1b[>1u');
    await settle();
    expect(line.read()).toBe('\x1b[?2004h\x1b[>1u');
    pump.stop();
    expect(line.read()).toBe('\x1b[m\x1b[<u\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l');
    pump.start();
    expect(line.read()).toContain('\x1b[?2004h\x1b[>1u');
  });

  it('leaves at once on a line that is full: what is left of the frame is thrown away', () => {
    const { line, pump } = setUp();
    pump.start();
    pump.answered(1);
    line.room = 5;
    pump.draw('x'.repeat(1000));
    pump.repaint();
    return settle().then(() => {
      pump.stop();
      line.read();
      line.room = 200;
      expect(pump.push()).toBe(true);
      expect(line.read()).toBe('\x18\x1b[?2026l\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l');
    });
  });

  it('does not wait for the answer to a question that it has thrown away', async () => {
    const { line, pump } = setUp();
    pump.start();
    pump.answered(1);
    line.room = 5;
    pump.draw('x'.repeat(1000));
    await settle();
    expect(pump.gate.outstanding).toBe(1);
    line.read();
    line.room = Number.POSITIVE_INFINITY;
    pump.repaint();
    await settle();
    expect(line.read()).toMatch(/^\x18\x1b\[\?2026l\x1b\[\?2026h\x1b\[m.*\x1b\[5n$/s);
    expect(pump.gate.outstanding).toBe(1);
  });

  it('says once that the line is lost, and writes no more', async () => {
    const { line, lost, pump } = setUp();
    pump.start();
    line.broken = true;
    pump.draw('a');
    await settle();
    pump.draw('b');
    await settle();
    pump.stop();
    expect(lost).toEqual(['gone']);
    expect(pump.push()).toBe(true);
  });
});
