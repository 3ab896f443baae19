import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCHEMA } from '../../src/recording/format.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { recover } from '../../src/recording/recover.ts';
import { createChain, sealedLine } from '../../src/recording/seal.ts';
import { memorySource, openSource } from '../../src/recording/source.ts';
import { type Verification, verify } from '../../src/recording/verify.ts';
import { recordInMemory } from '../support/recorded.ts';

let whole: Buffer;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'verify-'));
  whole = (
    await recordInMemory((scene) => {
      scene.healthy();
      scene.rounds(2);
      scene.send({ kind: 'note', node: 'lb1', text: 'ümlaut 世界', outcome: { ok: true } });
    })
  ).bytes;
});
afterAll(() => rmSync(directory, { recursive: true }));

const check = (bytes: Buffer): Verification => verify(memorySource('it', () => bytes));
const linesOf = (bytes: Buffer): Buffer[] => {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    lines.push(bytes.subarray(at, end < 0 ? bytes.length : end + 1));
    at = end < 0 ? bytes.length : end + 1;
  }
  return lines;
};
const changed = (bytes: Buffer, at: number, byte: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = byte;
  return copy;
};

describe('verify', () => {
  test('finds a file that was closed in order sealed and whole, and names its head hash', () => {
    const found = check(whole);
    expect(found).toMatchObject({ outcome: 'sealed', gaps: 0, lost: 0, goodTo: whole.length });
    expect(whole.toString()).toContain(`"h":"${found.seal}"}\n`);
  });

  test('cut at every byte of the last two lines it is torn or unsealed, and every whole line is saved', async () => {
    const lines = linesOf(whole);
    const from = whole.length - (lines.at(-1)?.length ?? 0) - (lines.at(-2)?.length ?? 0);
    for (let end = from; end < whole.length; end++) {
      const cut = whole.subarray(0, end);
      const found = check(cut);
      expect(found.outcome, `cut at ${end}`).toBe('recoverable');
      const kept = linesOf(cut).filter((line) => line.at(-1) === 10);
      expect(found.lines, `cut at ${end}`).toBe(kept.length);
      const torn = kept.reduce((sum, line) => sum + line.length, 0) < cut.length;
      expect(found.reason).toMatch(torn ? /^torn/ : /^not sealed/);
      const file = join(directory, `${end}.hacs.jsonl`);
      const saved = await recover(
        memorySource('it', () => cut),
        found,
        file,
      );
      const copy = readFileSync(file);
      expect(check(copy)).toMatchObject({ outcome: 'sealed', seal: saved.seal, lines: kept.length + 1 });
      expect(copy.subarray(0, saved.kept).equals(Buffer.concat(kept))).toBe(true);
      rmSync(file);
    }
  });

  // A line of every kind there is, a state that says nothing: every byte of it is tried, and a file is held against its seals each time.
  const topology = { name: '', vips: [], nodes: [], hops: [], interval: 1000, timeout: 1000 };
  const kinds = {
    hdr: JSON.stringify({
      k: 'hdr',
      schema: SCHEMA,
      app: '',
      id: '',
      t: '',
      m: 1000,
      w: 1000,
      why: '',
      by: '',
      topology,
    }),
    key: '{"k":"key","m":1000,"w":1000,"t":"","lines":1,"rev":2,"state":"q1YqyUxOVbJSUKpVAgA="}',
    fact: '{"k":"snapshot","m":1010,"n":"lb1","d":{"node":"lb1","text":"ümlaut 世界"}}',
    said: '{"k":"said","m":1010,"t":"","derived":true,"d":{"id":1,"text":"lb1 answers"}}',
    seal: '{"k":"seal","m":21000,"w":21000,"t":"","lines":4}',
    gap: '{"k":"gap","m":30000,"t":"","d":{"from":21000,"to":30000,"lost":3,"why":"the disk is full"}}',
    again: '{"k":"key","m":30000,"w":30000,"t":"","lines":6,"rev":2,"gap":true,"state":"q1YqyUxOVbJSUKpVAgA="}',
    clock: '{"k":"clock","m":31000,"t":"","derived":true,"d":{"jump":-3600000}}',
    end: '{"k":"end","m":32000,"w":32000,"t":"","lines":8,"d":{"why":"quit","lost":3}}',
  };
  const chain = createChain();
  const short = Object.entries(kinds).map(([kind, text]) => {
    if (['key', 'seal', 'again', 'end'].includes(kind)) return Buffer.from(`${sealedLine(chain, text)}\n`);
    chain.add(`${text}\n`);
    return Buffer.from(`${text}\n`);
  });
  test.each(Object.keys(kinds).map((kind, number) => ({ kind, number })))(
    'any one byte of a line of kind $kind changed to another is noticed, wherever it is',
    ({ number }) => {
      const bytes = Buffer.concat(short);
      expect(check(bytes)).toMatchObject({ outcome: 'sealed', lines: short.length, gaps: 1, lost: 3 });
      const start = Buffer.concat(short.slice(0, number)).length;
      for (let at = start; at < start + (short[number] as Buffer).length; at++) {
        const old = bytes[at] as number;
        const others = [0, 10, 0x22, 0x7d, ...Array.from({ length: 8 }, (_, bit) => old ^ (1 << bit))];
        const missed = others.filter((byte) => byte !== old && check(changed(bytes, at, byte)).outcome === 'sealed');
        expect(missed, `byte ${at} was ${old}`).toEqual([]);
      }
    },
  );

  test('a byte changed in any place of any line of a recorded session is noticed', () => {
    let start = 0;
    for (const line of linesOf(whole)) {
      // The middle of a long line is one text to the seal; its ends are where lines, fields and seals are told apart.
      for (let at = 0; at < line.length; at += at < 40 || at >= line.length - 80 ? 4 : 97)
        expect(check(changed(whole, start + at, (line[at] as number) ^ 1)).outcome, `${start + at}`).not.toBe('sealed');
      start += line.length;
    }
  });

  test('a byte changed in the middle is altered, with the line where the line itself is broken', () => {
    const lines = linesOf(whole);
    const number = Math.floor(lines.length / 2);
    const start = lines.slice(0, number).reduce((sum, line) => sum + line.length, 0);
    expect(check(changed(whole, start + 3, 0x7d))).toMatchObject({
      outcome: 'altered',
      where: { line: number + 1, byte: start },
    });
    const digit = whole.toString('latin1').indexOf('"asked":', start) + 8;
    const found = check(changed(whole, digit, whole[digit] === 0x39 ? 0x38 : 0x39));
    expect(found).toMatchObject({ outcome: 'altered', where: { line: 3 } });
    expect(found.reason).toMatch(/^something between line 3 and line \d+ is not/);
  });

  test.each([
    ['a line taken out', (lines: Buffer[]) => lines.toSpliced(9, 1)],
    ['two lines swapped', (lines: Buffer[]) => lines.toSpliced(9, 2, lines[10] as Buffer, lines[9] as Buffer)],
    ['a line doubled', (lines: Buffer[]) => lines.toSpliced(9, 0, lines[9] as Buffer)],
    ['a line put in', (lines: Buffer[]) => lines.toSpliced(9, 0, Buffer.from('{"k":"tick","m":1000}\n'))],
    ['a line after the end', (lines: Buffer[]) => [...lines, Buffer.from('{"k":"tick","m":9000}\n')]],
    ['bytes after the end', (lines: Buffer[]) => [...lines, Buffer.from('x')]],
    ['NULs after the end', (lines: Buffer[]) => [...lines, Buffer.alloc(100)]],
  ])('%s is altered', (_, change) => {
    expect(check(Buffer.concat(change(linesOf(whole)))).outcome).toBe('altered');
  });

  test('lines cut off cleanly at the end are unsealed, never OK', () => {
    const lines = linesOf(whole);
    for (let count = 1; count < lines.length; count++)
      expect(check(Buffer.concat(lines.slice(0, count))), `${count} lines`).toMatchObject({
        outcome: 'recoverable',
        lines: count,
      });
  });

  test('NULs at the end, as a power cut leaves them, are torn; good lines after a broken one are altered', () => {
    const lines = linesOf(whole).slice(0, -1);
    expect(check(Buffer.concat([...lines, Buffer.alloc(4096)]))).toMatchObject({
      outcome: 'recoverable',
      lines: lines.length,
    });
    expect(check(Buffer.concat([...lines, Buffer.from('{"k":"ti'), ...lines.slice(5, 7)])).outcome).toBe('altered');
  });

  test('of a file altered in its middle only what seals vouch for is saved', async () => {
    const { bytes } = await recordInMemory((scene) => {
      scene.healthy();
      scene.rounds(80);
    });
    const lines = linesOf(bytes);
    const seals = lines.flatMap((line, index) => (/^\{"k":"(seal|key)/.test(line.toString()) ? [index] : []));
    expect(seals.length).toBeGreaterThanOrEqual(3);
    const sealed = Buffer.concat(lines.slice(0, (seals.at(-1) as number) + 1));
    const spoilt = changed(bytes, sealed.length + 300, 0x21);
    const found = check(spoilt);
    expect(found).toMatchObject({ outcome: 'altered', sealedTo: sealed.length });
    const file = join(directory, 'altered.hacs.jsonl');
    await recover(
      memorySource('it', () => spoilt),
      found,
      file,
    );
    const copy = readFileSync(file);
    expect(check(copy).outcome).toBe('sealed');
    expect(copy.subarray(0, sealed.length).equals(sealed)).toBe(true);
  });

  test('what follows the end is left behind', async () => {
    const spoilt = Buffer.concat([whole, Buffer.from('more')]);
    const file = join(directory, 'longer.hacs.jsonl');
    const saved = await recover(
      memorySource('it', () => spoilt),
      check(spoilt),
      file,
    );
    expect(saved.dropped).toBe(4);
    expect(readFileSync(file).equals(whole)).toBe(true);
  });

  test('recover never writes over a file, and refuses what holds nothing', async () => {
    const file = join(directory, 'there');
    writeFileSync(file, 'mine');
    const cut = whole.subarray(0, whole.length - 5);
    await expect(
      recover(
        memorySource('it', () => cut),
        check(cut),
        file,
      ),
    ).rejects.toThrow('exists already');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const nothing = Buffer.from('{"k":"hdr"');
    await expect(
      recover(
        memorySource('it', () => nothing),
        check(nothing),
        join(directory, 'x'),
      ),
    ).rejects.toThrow('nothing that could be saved');
  });

  test.each([
    ['an empty file', '', 'recoverable'],
    ['a first line that is cut', '{"k":"hdr","sch', 'recoverable'],
    ['a picture', '\u0089PNG\r\n\u001a\nxxxx', 'altered'],
    ['another JSON', '{"hello":1}\n', 'altered'],
    ['a schema that is none', '{"k":"hdr","schema":"haconsole.session/x"}\n', 'altered'],
    ['a newer major version', '{"k":"hdr","schema":"haconsole.session/2"}\n{"k":"what"}\n', 'newer'],
  ])('%s is %3$s', (_, text, outcome) => {
    expect(check(Buffer.from(text, 'latin1')).outcome).toBe(outcome);
  });

  test('a later minor version is read: unknown lines and fields are passed over', async () => {
    const [first, ...rest] = linesOf(whole).slice(0, -1);
    const odd = Buffer.from('{"k":"weather","m":1000,"d":{"rain":true}}\n');
    const header = Buffer.from(first?.toString().replace('"app"', '"mood":"good","app"') ?? '');
    const bytes = Buffer.concat([header, rest[0] as Buffer, odd, ...rest.slice(1)]);
    const playback = await createPlayback(memorySource('it', () => bytes));
    const plain = await createPlayback(memorySource('it', () => whole));
    expect(playback.stateAt(Number.POSITIVE_INFINITY)).toEqual(plain.stateAt(Number.POSITIVE_INFINITY));
  });
});

describe('a compressed session', () => {
  const put = (bytes: Buffer): string => {
    const file = join(directory, 'packed.hacs.jsonl.gz');
    writeFileSync(file, bytes);
    return file;
  };
  const checkFile = async (bytes: Buffer): Promise<Verification> => verify(await openSource(put(bytes)));

  test('is the session it was made of', async () => {
    expect(await checkFile(gzipSync(whole))).toMatchObject({ outcome: 'sealed', seal: check(whole).seal });
  });

  test('cut anywhere it is never taken for whole', async () => {
    const packed = gzipSync(whole);
    for (let end = 20; end < packed.length; end += Math.ceil(packed.length / 60)) {
      const found = await checkFile(packed.subarray(0, end));
      expect(found.outcome, `cut at ${end}`).toBe('recoverable');
    }
  });

  test('with a changed byte in its data it is never taken for whole', async () => {
    const packed = gzipSync(whole);
    for (let at = 10; at < packed.length; at += Math.ceil(packed.length / 200))
      expect((await checkFile(changed(packed, at, (packed[at] as number) ^ 4))).outcome, `byte ${at}`).not.toBe(
        'sealed',
      );
  });
});
