import { stat, writeFile } from 'node:fs/promises';
import { RecordingError } from '../recording/format.ts';
import { type Analysis, analyse } from '../recording/report/analysis.ts';
import { jsonReport } from '../recording/report/json.ts';
import { markdownReport } from '../recording/report/markdown.ts';
import { htmlReport } from '../recording/report/page.ts';
import { openSource } from '../recording/source.ts';
import type { Io } from './io.ts';
import { AskedWrong, boundsOf, meantFile, onRecording, openSession, progressOn, type Stretch } from './recording.ts';

/** The forms a report can have. */
const forms = {
  md: markdownReport,
  html: htmlReport,
  json: (analysis: Analysis) => `${JSON.stringify(jsonReport(analysis), null, 2)}\n`,
} as const;
type Form = keyof typeof forms;

const isForm = (name: string): name is Form => Object.hasOwn(forms, name);

const formOf = (format: string | undefined, out: string | undefined, json: boolean): Form => {
  const named = format ?? (json ? 'json' : undefined);
  if (named !== undefined) {
    if (!isForm(named)) throw new AskedWrong(`--format takes md, html or json, not ${JSON.stringify(named)}`);
    return named;
  }
  const ending = /\.(md|html|json)$/.exec(out ?? '')?.[1];
  return ending !== undefined && isForm(ending) ? ending : 'md';
};

/** Status of a session file that cannot be used: 5 a newer version made it, 4 anything else, 2 a wrong question. */
export const refusedStatus = (error: Error): number | undefined => {
  if (error instanceof AskedWrong) return 2;
  if (!(error instanceof RecordingError)) return undefined;
  return error.code === 'newer' ? 5 : 4;
};

/** Drives a long piece of work in slices, so that signals are heard. */
export const drain = async <T>(work: Generator<number, T>, io: Io, what: string): Promise<T> => {
  const progress = progressOn(io, what);
  try {
    for (let began = performance.now(); ; ) {
      const step = work.next();
      if (step.done) return step.value;
      if (performance.now() - began < 50) continue;
      progress.at(step.value);
      await new Promise((resolve) => setImmediate(resolve));
      io.signal.throwIfAborted();
      began = performance.now();
    }
  } finally {
    progress.done();
  }
};

/** Refuses to write over a session, be it the one that is read or another: nothing brings it back. */
export const refuseSession = async (out: string | undefined): Promise<void> => {
  if (out === undefined || out === '-') return;
  const about = await stat(out).catch(() => undefined);
  if (!about?.isFile() || about.size === 0) return;
  const source = await openSource(out).catch(() => undefined);
  if (!source) return;
  const head = source.read(0, 8).toString('latin1');
  source.close();
  if (head.startsWith('{"k":"')) throw new AskedWrong(`${out} is a session: it is not written over`);
};

/** Writes a document to a file of its own, or to stdout. */
export const deliver = async (text: string, out: string | undefined, io: Io): Promise<void> => {
  if (out === undefined || out === '-') io.stdout.write(text);
  else
    await writeFile(out, text).catch((error: Error) => {
      throw new AskedWrong(`${out} cannot be written: ${error.message}`);
    });
};

/** `haconsole report`: the post-mortem of a session. Exit status 0, 2 a wrong question, 4 no usable session, 5 a newer version made it. */
export const reportCommand = (
  options: Stretch & { words: string[]; out?: string; format?: string; json: boolean },
  io: Io,
): Promise<number> =>
  onRecording(
    io,
    'report',
    async () => {
      const form = formOf(options.format, options.out, options.json);
      const { playback, verification, close } = await openSession(await meantFile(options.words, 'report', io), io);
      try {
        const bounds = boundsOf(playback, options);
        await refuseSession(options.out);
        const analysis = await drain(analyse(playback, { ...bounds, verification }), io, 'reading the facts');
        await deliver(forms[form](analysis), options.out, io);
        if (verification.outcome !== 'sealed')
          io.stderr.write(`haconsole report: the record is not whole: ${verification.reason}\n`);
        return 0;
      } finally {
        close();
      }
    },
    refusedStatus,
  );
