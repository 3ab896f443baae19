import { visibleText } from '../cluster/visible-text.ts';
import { newestRecordings, type Recorded, recordingNames } from '../recording/recordings.ts';
import { lengthText } from '../session/playback-words.ts';
import type { Io } from './io.ts';
import { recordingsDirectory } from './record.ts';

/** Recordings that are listed. */
const LISTED = 20;

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

const endText = ({ length, closed }: Recorded): string => {
  if (length === undefined) return '?';
  return `${lengthText(length)}${closed ? '' : ' (not closed)'}`;
};

const cellsOf = (one: Recorded): string[] => {
  const { header, bytes, name, why } = one;
  if (!header) return ['?', '?', sizeText(bytes), '?', '', visibleText(`${name}: ${why ?? 'cannot be read'}`, 300)];
  return [
    visibleText(`${String(header.t).slice(0, 19).replace('T', ' ')}Z`),
    endText(one),
    sizeText(bytes),
    visibleText(String(header.why), 12),
    visibleText(String(header.topology?.name ?? ''), 30),
    visibleText(name, 200),
  ];
};

/** The newest recordings of this machine: begin, length, size, command, cluster, name. */
export const listRecordings = async (options: { json: boolean }, io: Io): Promise<number> => {
  const directory = recordingsDirectory(io);
  const all = await recordingNames(directory);
  const recorded = await newestRecordings(directory, LISTED);
  if (options.json) {
    for (const { file, bytes, header, length, closed, why } of recorded)
      io.stdout.write(
        `${JSON.stringify({ file, bytes, begin: header?.t ?? null, length: length ?? null, closed: closed ?? null, command: header?.why ?? null, cluster: header?.topology?.name ?? null, ...(why ? { why } : {}) })}\n`,
      );
    return 0;
  }
  if (recorded.length === 0) {
    io.stderr.write(`haconsole replay: nothing was recorded in ${visibleText(directory)} yet; a FILE can be named\n`);
    return 0;
  }
  const rows = [['begin', 'length', 'size', 'command', 'cluster', 'file'], ...recorded.map(cellsOf)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows)
    io.stdout.write(
      `${row.map((cell, column) => (column === 5 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}\n`,
    );
  const more = all.length > LISTED ? `the newest ${LISTED} of ${all.length} ` : '';
  io.stderr.write(`${more}in ${visibleText(directory)}; haconsole replay NAME shows one, a part of its name will do\n`);
  return 0;
};
