import { spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newSession } from '../../src/recording/name.ts';
import { prune } from '../../src/recording/prune.ts';
import { createRecorder } from '../../src/recording/write.ts';
import { RecordedScene } from '../support/recorded.ts';

const DAY = 86_400_000;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prune-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const aged = (file: string, days: number) => {
  const at = (Date.now() - days * DAY) / 1000;
  utimesSync(file, at, at);
};

/** A recording that was last written so many days ago. */
const recording = async (days: number, how: { gzip?: boolean; close?: boolean } = {}): Promise<string> => {
  const { id, name } = newSession('tutorial', Date.now() - days * DAY);
  const file = join(directory, name);
  const { state } = new RecordedScene();
  const recorder = createRecorder({
    file,
    state,
    app: '0.1.0',
    id,
    why: 'watch',
    by: 'ops@seat',
    gzip: how.gzip ?? true,
  });
  await recorder.durable();
  const unclosed = `${file}.as-it-was`;
  if (how.close === false) copyFileSync(file, unclosed);
  const closed = (await recorder.close('quit')).file;
  if (how.close === false) {
    rmSync(closed);
    renameSync(unclosed, file);
  }
  const end = how.close === false ? file : closed;
  aged(end, days);
  return end;
};

const left = () => readdirSync(directory).map((name) => join(directory, name));

describe('old recordings', () => {
  test('are removed when they are too old, compressed or not, and younger ones stay', async () => {
    const old = [await recording(91), await recording(200, { gzip: false })];
    const kept = [await recording(89), await recording(2, { gzip: false }), await recording(0)];
    expect((await prune(directory, Date.now())).toSorted()).toEqual(old.toSorted());
    expect(left().toSorted()).toEqual(kept.toSorted());
  });

  test('that are too much together are removed from the oldest on, but none of the last day', async () => {
    const files = [
      await recording(5),
      await recording(4),
      await recording(3),
      await recording(0.5),
      await recording(0),
    ];
    expect(await prune(directory, Date.now(), { most: 1 })).toEqual(files.slice(0, 3));
    expect(left().toSorted()).toEqual(files.slice(3).toSorted());
  });

  test('that other hands have made are left alone: other names, other content, links, directories', async () => {
    const name = '20200101T000000Z-tutorial-0123abcd.hacs.jsonl';
    const mine = await recording(100);
    const header = '{"k":"hdr","schema":"haconsole.session/1","app":"1","id":"0123abcd00"}\n{"k":"end"}\n';
    const files: Record<string, string> = {
      'notes.txt': header,
      'incident.hacs.jsonl': header,
      [name.replace('0123abcd', '99999999')]: header,
      [name.replace('tutorial', 'other')]: 'a diary\n',
      [`${name.replace('tutorial', 'packed')}.gz`]: 'no gzip',
      [name.replace('tutorial', 'empty')]: '',
    };
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(join(directory, file), text);
      aged(join(directory, file), 1000);
    }
    mkdirSync(join(directory, name.replace('tutorial', 'folder')));
    aged(join(directory, name.replace('tutorial', 'folder')), 1000);
    symlinkSync(join(directory, 'notes.txt'), join(directory, name.replace('tutorial', 'link')));
    expect(await prune(directory, Date.now())).toEqual([mine]);
    expect(left()).toHaveLength(8);
    // It is a file of our own making that is removed, by the same rules.
    writeFileSync(join(directory, name), header);
    aged(join(directory, name), 1000);
    expect(await prune(directory, Date.now())).toEqual([join(directory, name)]);
  });

  test('that were never closed are removed too, but not while another process has them open', async () => {
    const crashed = await recording(100, { close: false });
    const open = await recording(101, { close: false });
    const holder = spawn('sh', ['-c', 'exec 3>>"$1"; echo ready; exec sleep 60', 'sh', open], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    expect(await prune(directory, Date.now())).toEqual([crashed]);
    expect(left()).toEqual([open]);
    const ended = new Promise((resolve) => holder.once('close', resolve));
    holder.kill('SIGKILL');
    await ended;
    appendFileSync(open, '');
    aged(open, 101);
    expect(await prune(directory, Date.now())).toEqual([open]);
  });

  test('without a directory there is nothing to do', async () => {
    expect(await prune(join(directory, 'none'), Date.now())).toEqual([]);
  });
});
