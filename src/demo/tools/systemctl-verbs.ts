import type { JobResult } from '../daemon.ts';
import type { Machine } from '../machine.ts';
import type { Managed } from '../managed.ts';
import type { ToolContext, ToolResult } from './tool.ts';

type Done = (result: JobResult) => void;

/** A unit's name as systemctl completes it. */
export const unitId = (name: string): string =>
  /\.(service|timer|socket|target|mount)$/.test(name) ? name : `${name}.service`;

/** How a request ended before there was a job: the words after `Failed to VERB UNIT: ` and the exit status. */
type Refused = { words: string; code: number; plain?: boolean };

const NEEDS_FILE = new Set(['start', 'restart', 'reload', 'try-restart', 'reload-or-restart', 'try-reload-or-restart']);

const JOBS: Record<string, (unit: Managed, done: Done) => void> = {
  start: (unit, done) => unit.start(done),
  stop: (unit, done) => unit.stop(done),
  restart: (unit, done) => unit.restart(done),
  'try-restart': (unit, done) => (unit.active === 'active' ? unit.restart(done) : done({ ok: true, lines: [] })),
  reload: (unit, done) => unit.reload(done),
  'reload-or-restart': (unit, done) =>
    unit.active === 'active' && unit.canReload ? unit.reload(done) : unit.restart(done),
  'try-reload-or-restart': (unit, done) =>
    unit.active !== 'active' ? done({ ok: true, lines: [] }) : unit.canReload ? unit.reload(done) : unit.restart(done),
};

/** Whether this verb makes a job. */
export const makesJob = (verb: string): boolean => Object.hasOwn(JOBS, verb);

/** What systemd answers at once instead of making a job; undefined when it makes one. */
const refusal = (unit: Managed | undefined, id: string, verb: string): Refused | undefined => {
  if (!unit) {
    const words = `Unit ${id} not ${verb === 'stop' ? 'loaded' : 'found'}.`;
    return { words, code: 5, plain: true };
  }
  if (unit.load === 'masked' && NEEDS_FILE.has(verb) && !(verb.startsWith('try-') && unit.active !== 'active')) {
    return { words: `Unit ${id} is masked.`, code: 1, plain: true };
  }
  if (verb === 'stop' && unit.refusesStop) {
    const words = `Operation refused, unit ${id} may be requested by dependency only (it is configured to refuse manual start/stop).`;
    return { words, code: 4 };
  }
  if (verb === 'reload' && !unit.canReload) {
    return { words: `Job type reload is not applicable for unit ${id}.`, code: 3, plain: true };
  }
  return undefined;
};

/** systemctl's hint after a refusal, which some errors go without (systemctl-start-unit.c). */
const hint = (id: string): string => `See system logs and 'systemctl status ${id}' for details.\n`;

/**
 * Starts, stops, restarts or reloads units as one call of systemctl does: what is refused is said at once, the rest goes on
 * side by side, and what fails of it is said at its end. Calls `done` once, at once with `--no-block`.
 */
export const runJobs = (
  { machine, root }: Pick<ToolContext, 'root'> & { machine: Machine },
  verb: string,
  names: readonly string[],
  wait: boolean,
  done: (result: ToolResult) => void,
): void => {
  let stderr = '';
  let code = 0;
  const taken: Managed[] = [];
  for (const id of names.map(unitId)) {
    const unit = machine.managed(id);
    const refused: Refused | undefined = root ? refusal(unit, id, verb) : { words: 'Access denied', code: 4 };
    if (!refused) {
      taken.push(unit!);
      continue;
    }
    stderr += `Failed to ${verb} ${id}: ${refused.words}\n${refused.plain ? '' : hint(id)}`;
    code ||= refused.code;
  }
  let left = taken.length;
  const finish = (): void => done({ stdout: '', stderr, code });
  const results: (JobResult | undefined)[] = taken.map(() => undefined);
  if (left === 0 || !wait) finish();
  for (const [index, unit] of taken.entries()) {
    JOBS[verb]!(unit, (result) => {
      results[index] = result;
      left -= 1;
      if (left > 0 || !wait) return;
      const bad = results.filter((one) => one && !one.ok);
      stderr += bad.flatMap((one) => one!.lines.map((line) => `${line}\n`)).join('');
      if (bad.length > 0) code = 1;
      finish();
    });
  }
};
