import { visibleText } from '../cluster/visible-text.ts';
import { EXTENSION, RecordingError } from '../recording/format.ts';
import { recover } from '../recording/recover.ts';
import { openSource } from '../recording/source.ts';
import { verify } from '../recording/verify.ts';
import type { Io } from './io.ts';
import { AskedWrong, meantFile, onRecording } from './recording.ts';

/** `x.hacs.jsonl.gz` → `x.recovered.hacs.jsonl` */
const copyName = (file: string): string => {
  const bare = file.replace(/\.gz$/, '');
  return bare.endsWith(EXTENSION)
    ? `${bare.slice(0, -EXTENSION.length)}.recovered${EXTENSION}`
    : `${bare}.recovered${EXTENSION}`;
};

/**
 * `haconsole recover`: writes what is good of a damaged session into a sealed copy; the original is only read. Exit status 0 a copy was
 * written (or the file is whole), 2 refused (the copy exists already), 4 nothing can be saved, 5 made by a newer version.
 */
export const recoverCommand = (options: { words: string[]; out?: string }, io: Io): Promise<number> =>
  onRecording(
    io,
    'recover',
    async () => {
      const file = await meantFile(options.words, 'recover', io);
      const source = await openSource(file);
      try {
        const found = verify(source);
        if (found.outcome === 'newer') throw new RecordingError('newer', found.reason);
        if (found.outcome === 'sealed') {
          io.stderr.write(`haconsole recover: ${visibleText(file)} is sealed and whole: there is nothing to recover\n`);
          return 0;
        }
        const saved = await recover(source, found, options.out ?? copyName(file));
        io.stderr.write(
          `${visibleText(`haconsole recover: ${found.outcome}: ${found.reason}; saved ${saved.lines - 1} lines, left ${saved.dropped} bytes behind`)}\n`,
        );
        if (found.outcome === 'altered')
          io.stderr.write(
            'haconsole recover: only what stands before the damage and is vouched for by a seal was saved\n',
          );
        io.stderr.write(`haconsole recover: head hash ${saved.seal}\n`);
        io.stdout.write(`${visibleText(saved.file)}\n`);
        return 0;
      } finally {
        source.close();
      }
    },
    (error) => {
      if (error instanceof AskedWrong) return 2;
      if (!(error instanceof RecordingError)) return undefined;
      return error.code === 'newer' ? 5 : error.code === 'exists' ? 2 : 4;
    },
  );
