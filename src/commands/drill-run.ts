import { open, writeFile } from 'node:fs/promises';
import { RESTORE_LIMITS } from '../actions/restore.ts';
import type { Event } from '../cluster/events.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { durationMs } from '../config/duration.ts';
import { shown } from '../config/errors.ts';
import { findDrill } from '../drills/catalog/built-in.ts';
import { type DrillReport, reportOf } from '../drills/report.ts';
import { reportJson } from '../drills/report-json.ts';
import { reportJunit } from '../drills/report-junit.ts';
import { reportText } from '../drills/report-text.ts';
import { RESTORE_AFTER } from '../session/drill-desk.ts';
import type { LiveSession } from '../session/live.ts';
import { loadOwnDrills } from '../session/own-drills.ts';
import type { DrillPlanned } from '../session/store.ts';
import { askWord } from './ask-word.ts';
import { clusterOf } from './cluster.ts';
import type { DrillFlags } from './drill.ts';
import { planText, type Telling, tellDrill } from './drill-progress.ts';
import { openHeadless } from './headless.ts';
import type { Io } from './io.ts';
import { endSession, recordOptions } from './record.ts';

/** What is waited for before the gate opens: 30 s of quiet and the way there, or the 120 s in which a check script starts nothing, ms. */
const PATIENCE = 150_000;
/** Between the plan and the run a little may have changed, ms. */
const PATIENCE_AGAIN = 15_000;

type RunFlags = DrillFlags & { name: string };

/** Whether the flags stand for the confirmation; else which flag would. */
const missing = (config: ClusterConfig, { yes, confirm }: RunFlags): string | undefined => {
  if (confirm === config.name) return undefined;
  if (config.protected) return `--confirm ${config.name}`;
  return yes ? undefined : '--yes';
};

/** What can be said against it before anything is looked at. */
const objection = (config: ClusterConfig, flags: RunFlags, restoreAfter: number, io: Io): string | undefined => {
  if (!Number.isInteger(restoreAfter) || restoreAfter < RESTORE_LIMITS.least || restoreAfter > RESTORE_LIMITS.most)
    return `--restore-after takes whole seconds from 5s to 168h (30s, 5m), not "${shown(flags.restoreAfter ?? '')}"`;
  if (flags.readOnly) return 'read-only: nothing is written to the nodes';
  if (flags.confirm !== undefined && flags.confirm !== config.name)
    return `--confirm takes the name of the cluster (${config.name}), not "${shown(flags.confirm)}"`;
  if (flags.step && !io.stdin.isTTY) return '--step needs a terminal: a person lets each step begin';
  const flag = missing(config, flags);
  return flag !== undefined && (flags.yes || !io.stdin.isTTY) ? `not confirmed: this needs ${flag}` : undefined;
};

/** Whether a file can be written, found out before anything is touched: null, or why not. */
const unwritable = async (file: string): Promise<string | undefined> => {
  try {
    await (await open(file, 'a')).close();
    return undefined;
  } catch (error) {
    return `--junit ${shown(file)} cannot be written (${(error as NodeJS.ErrnoException).code})`;
  }
};

/** A drill that was refused before it began, told as every other. */
const refusedReport = (cluster: string, drill: string, reasons: string[], at: Event['at']): DrillReport => ({
  cluster,
  drill,
  title: '',
  started: at.wall,
  ended: at.wall,
  outcome: {
    status: 'refused',
    verdict: 'unknown',
    restored: true,
    summary: `refused, nothing was touched: ${reasons.join('; ')}`,
    commands: [],
    exit: 2,
  },
  refusals: reasons,
  steps: [],
  steady: [],
  undo: [],
});

/** `haconsole drill run`: from the gate to the verdict. Progress on stderr, the report on stdout. Resolves to the exit status. */
export const runDrillCommand = async (flags: RunFlags, io: Io): Promise<number> => {
  const refuse = (sentence: string): number => {
    io.stderr.write(`haconsole drill: ${visibleText(sentence)}\n`);
    return 2;
  };
  const config = await clusterOf(flags, io);
  const own = await loadOwnDrills(config.file);
  const drill = findDrill(flags.name, own);
  if (!drill) return refuse(`no drill is named ${flags.name}; haconsole drill list tells their names`);
  const restoreAfter = flags.restoreAfter === undefined ? RESTORE_AFTER : durationMs(flags.restoreAfter) / 1000;
  const against =
    objection(config, flags, restoreAfter, io) ??
    (flags.junit === undefined ? undefined : await unwritable(flags.junit));
  if (against !== undefined) return refuse(against);

  const record = recordOptions(flags, io, { why: 'drill', cluster: config.name });
  const session = openHeadless(config, flags, io, { drills: own, record });
  const events: Event[] = [];
  session.onEvent((event) => {
    if (event.kind !== 'tick') events.push(event);
  });
  const telling = tellDrill(session, io, { name: flags.name, step: flags.step });
  try {
    const report = await perform(session, { config, flags, restoreAfter, io, events, telling });
    telling.stop();
    io.stdout.write(flags.json ? `${JSON.stringify(reportJson(report), null, 2)}\n` : reportText(report));
    if (flags.junit !== undefined) await writeFile(flags.junit, reportJunit([report]));
    return report.outcome.exit;
  } finally {
    telling.stop();
    await endSession(session, io);
  }
};

type Task = {
  config: ClusterConfig;
  flags: RunFlags;
  restoreAfter: number;
  io: Io;
  events: readonly Event[];
  telling: Telling;
};

const perform = async (session: LiveSession, task: Task): Promise<DrillReport> => {
  const { config, flags, restoreAfter, io, events, telling } = task;
  const refused = (reasons: string[]) =>
    refusedReport(config.name, flags.name, reasons, { mono: performance.now(), wall: Date.now() });
  const leave = () => void session.stop();
  io.signal.addEventListener('abort', leave, { once: true });
  const planned: DrillPlanned = await session.planDrill(flags.name, { restoreAfter, patience: PATIENCE });
  io.signal.throwIfAborted();
  if (!planned.ok) return refused(planned.reasons);
  io.stderr.write(planText(planned.plan, config.name));
  const { confirmation } = planned;
  const word = confirmation.kind === 'press' ? confirmation.key : confirmation.word;
  const ask = () => telling.asking(() => askWord(io, `type ${word} to begin: `, word));
  if (missing(config, flags) !== undefined && !(await ask())) return refused(['not confirmed']);
  io.signal.throwIfAborted();
  // From here on leaving is no answer: what was done is put back first. Asked again, it is left to the restore timers.
  io.signal.removeEventListener('abort', leave);
  const restore = () => {
    io.stderr.write('ended by you: everything is put back now; once more leaves it to the restore timers\n');
    session.endDrill('restore');
  };
  io.signal.addEventListener('abort', restore, { once: true });
  io.onAgain?.(() => session.endDrill('leave'));
  const outcome = await session.runDrill(flags.name, word, {
    restoreAfter,
    patience: PATIENCE_AGAIN,
    step: flags.step,
  });
  const id = events.findLast((event) => event.kind === 'drill')?.id;
  const report = id === undefined ? undefined : reportOf(events, id, config.name);
  return report ?? { ...refused([]), outcome };
};
