import { visibleText } from '../cluster/visible-text.ts';
import { RecordingError } from '../recording/format.ts';
import { openSource } from '../recording/source.ts';
import { type Verification, verify, verifyStatus } from '../recording/verify.ts';
import type { Io } from './io.ts';
import { AskedWrong, meantFile, onRecording } from './recording.ts';

/** What `verify --json` prints: version 1. */
export type VerifyReport = {
  schema: 'haconsole.verify/1';
  file: string;
  exit: number;
  outcome: Verification['outcome'] | 'anchor-mismatch';
  reason: string;
  where: { line: number; byte: number; after: string | null } | null;
  lines: number;
  /** Bytes from the begin that seals vouch for. */
  sealedBytes: number;
  head: string | null;
  gaps: number;
  lost: number;
};

const iso = (wall: number | undefined): string | null =>
  wall === undefined || !Number.isFinite(wall) ? null : new Date(wall).toISOString();

const reportOf = (file: string, found: Verification, anchor: string | undefined): VerifyReport => {
  const { where, header } = found;
  const report: VerifyReport = {
    schema: 'haconsole.verify/1',
    file,
    exit: verifyStatus[found.outcome],
    outcome: found.outcome,
    reason: found.reason,
    where: where ? { line: where.line, byte: where.byte, after: iso(where.wall ?? header?.w) } : null,
    lines: found.lines,
    sealedBytes: found.sealedTo,
    head: found.seal ?? null,
    gaps: found.gaps,
    lost: found.lost,
  };
  if (anchor === undefined || found.outcome !== 'sealed' || anchor.toLowerCase() === found.seal) return report;
  return { ...report, exit: 4, outcome: 'anchor-mismatch', reason: 'sealed, but its head hash is not the one given' };
};

const textOf = (report: VerifyReport): string => {
  const { where, head, gaps, lost } = report;
  const lines = [
    `${report.file}: ${report.outcome}: ${report.reason}`,
    ...(where ? [`  at line ${where.line}, byte ${where.byte}${where.after ? `, after ${where.after}` : ''}`] : []),
    `  ${report.lines} lines${head ? `; ${report.outcome === 'sealed' ? 'head hash' : 'last seal that holds'} ${head}` : ''}`,
    ...(gaps > 0 ? [`  ${gaps} gap${gaps === 1 ? '' : 's'}: ${lost} facts were lost while it was recorded`] : []),
    ...(report.outcome === 'recoverable' && report.lines > 0
      ? [`  haconsole recover ${report.file} writes what is there into a sealed copy`]
      : []),
  ];
  return `${lines.map((line) => visibleText(line, 2000)).join('\n')}\n`;
};

/**
 * `haconsole verify`: exit status 0 sealed and whole, 3 recoverable (torn, unsealed, still being written), 4 altered or no session,
 * 5 made by a newer version. A file that cannot be read is 4, too: nothing can be said for it.
 */
export const verifyCommand = (options: { words: string[]; json: boolean; anchor?: string }, io: Io): Promise<number> =>
  onRecording(
    io,
    'verify',
    async () => {
      const file = await meantFile(options.words, 'verify', io);
      const { anchor } = options;
      if (anchor !== undefined && !/^[0-9a-f]{64}$/i.test(anchor))
        throw new AskedWrong('--anchor takes a head hash of 64 hexadecimal digits');
      const source = await openSource(file);
      try {
        const report = reportOf(file, verify(source), anchor);
        io.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report));
        return report.exit;
      } finally {
        source.close();
      }
    },
    (error) => (error instanceof AskedWrong ? 2 : error instanceof RecordingError ? 4 : undefined),
  );
