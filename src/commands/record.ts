import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import { visibleText } from '../cluster/visible-text.ts';
import { newSession } from '../recording/name.ts';
import { prune } from '../recording/prune.ts';
import type { Closed } from '../recording/write.ts';
import type { LiveSession } from '../session/live.ts';
import type { RecordOptions } from '../session/record.ts';
import type { RecordingView } from '../session/store.ts';
import { type Io, UsageError } from './io.ts';

/** What a command that records was told of it. `record`: `--record FILE`, or false for `--no-record`; absent: as usual. */
export type RecordFlags = { record?: string | false; requireRecording?: boolean };

/** Where sessions are recorded: `$XDG_STATE_HOME/haconsole/recordings`, by default below `~/.local/state`. */
export const recordingsDirectory = ({ env, home }: Pick<Io, 'env' | 'home'>): string => {
  const state = env.XDG_STATE_HOME;
  return join(state && isAbsolute(state) ? state : join(home, '.local', 'state'), 'haconsole', 'recordings');
};

/** The file that was asked for: never one that is there. `.gz` at its end: compressed when it is closed. */
const namedFile = (name: string, cwd: string): Pick<RecordOptions, 'file' | 'gzip'> => {
  const asked = resolve(cwd, name);
  const gzip = asked.endsWith('.gz');
  const file = gzip ? asked.slice(0, -3) : asked;
  const there = [asked, file].find((one) => existsSync(one));
  if (there !== undefined)
    throw new UsageError(`--record: ${visibleText(there)} exists already; a session is always a file of its own`);
  return { file, gzip };
};

/**
 * How a session of this cluster is recorded by these flags; undefined: not at all. Where the user named no file, what is too old or too
 * much in the directory of recordings is removed meanwhile. Throws one sentence for what cannot be meant.
 */
export const recordOptions = (
  flags: RecordFlags,
  io: Io,
  { why, cluster }: { why: RecordOptions['why']; cluster: string },
): RecordOptions | undefined => {
  const required = flags.requireRecording === true;
  if (flags.record === false) {
    if (required) throw new UsageError('--no-record and --require-recording contradict each other');
    return undefined;
  }
  const { id, name } = newSession(cluster, Date.now());
  const common = { app: pkg.version, id, why, by: io.author, required };
  if (flags.record !== undefined) {
    if (flags.record === '') throw new UsageError('--record takes the name of a file');
    return { ...common, ...namedFile(flags.record, io.cwd) };
  }
  const directory = recordingsDirectory(io);
  void prune(directory, Date.now());
  const next = (wall: number) => {
    void prune(directory, wall);
    const { id: other, name: later } = newSession(cluster, wall);
    return { file: join(directory, later), id: other };
  };
  return { ...common, file: join(directory, name), gzip: true, next };
};

/** What is said of a record that was closed: where it is and its head hash; `closed` is absent where that is not known yet. */
export const recordedText = (view: RecordingView, closed?: Closed): string => {
  if (view.phase === 'off') return '';
  if (view.phase === 'failed' && view.bytes === 0) return `nothing was recorded: ${visibleText(view.why, 300)}\n`;
  const earlier = view.parts > 0 ? `, the last of ${view.parts + 1} files of this session beside each other` : '';
  const where = `recorded in ${visibleText(closed?.file ?? view.file, 4096)}${earlier}\n`;
  if (!closed) return where;
  const lost = view.lost > 0 ? `${view.lost} facts are missing: the record has gaps\n` : '';
  const seal = closed.seal ? `head hash ${closed.seal}\n` : 'not sealed: haconsole recover saves what is good of it\n';
  return where + lost + seal;
};

/** Ends a session without a screen and says where its record is. */
export const endSession = async (session: Pick<LiveSession, 'stop' | 'recording'>, io: Io): Promise<void> => {
  const closed = await session.stop();
  io.stderr.write(recordedText(session.recording(), closed));
};
