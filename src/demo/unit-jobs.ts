import type { DemoClock } from './clock.ts';
import type { Daemon, JobResult, ReloadOutcome } from './daemon.ts';
import type { Later } from './job-queue.ts';
import type { StartLimit } from './start-limit.ts';
import type { Unit } from './unit.ts';

/** A unit from the inside: what its jobs do to it. */
export type JobContext = {
  unit: Unit;
  daemon: Daemon;
  clock: DemoClock;
  limit: StartLimit;
  enter(active: Unit['active'], sub: string): void;
  spawn(at: number): void;
  gone(code: 1 | 2, status: number): void;
  failed(result: string): void;
  say(message: string): void;
  title(): string;
  /** Where systemctl says that more can be read. */
  hints: string;
  /** Lines of a process of its own, which stand in the journal. */
  complain(lines: readonly string[]): void;
  nextPid(): number;
  /** A reload was asked of a frozen service: its signal waits until it is thawed. */
  owed: boolean;
  /** This job does not end by itself: a later one may push it out. */
  hang(): void;
};

type Finish = (result: JobResult) => void;

const OK: JobResult = { ok: true, lines: [] };
/** TimeoutStartSec of systemd, ms. */
const START_TIMEOUT = 90_000;

const failedJob = ({ unit, hints }: JobContext, because: string): JobResult => ({
  ok: false,
  lines: [`Job for ${unit.id} failed${because && ` because ${because}`}.`, hints],
});

const CONTROL = 'the control process exited with error code';

const tooOften = (context: JobContext): JobResult => {
  const { unit, failed, say, title } = context;
  say(`${unit.id}: Start request repeated too quickly.`);
  failed('start-limit-hit');
  say(`Failed to start ${title()}.`);
  const { lines } = failedJob(context, 'start of the service was attempted too often');
  const advice = [
    `To force a start use "systemctl reset-failed ${unit.id}"`,
    `followed by "systemctl start ${unit.id}" again.`,
  ];
  return { ok: false, lines: [...lines, ...advice] };
};

/** `systemctl start`. */
export const startJob = (context: JobContext, finish: Finish, later: Later) => {
  const { unit, daemon, clock, enter, say, title } = context;
  if (unit.load === 'masked') return finish({ ok: false, lines: [`Unit ${unit.id} is masked.`] });
  if (unit.active === 'active' || unit.active === 'reloading') return finish(OK);
  const outcome = daemon.preflight();
  if (outcome.kind === 'skipped') {
    say(`${title()} was skipped because of an unmet condition check (${outcome.condition}).`);
    return finish(OK);
  }
  if (!context.limit.allow()) return finish(tooOften(context));
  enter('activating', 'start');
  say(`Starting ${title()}...`);
  const fail = (result: string, because: string): void => {
    context.failed(result);
    say(`Failed to start ${title()}.`);
    finish(failedJob(context, because));
  };
  later(daemon.startTime, () => {
    if (outcome.kind === 'refused') {
      context.complain(outcome.lines);
      say(`${unit.id}: Control process exited, code=exited, status=1/FAILURE`);
      unit.exec = { pid: 0, started: 0, exited: 0, code: 0, status: 0 };
      return fail('exit-code', CONTROL);
    }
    context.spawn(clock.wall());
    daemon.started(outcome);
    if (outcome.kind === 'exits') {
      context.gone(1, outcome.status);
      say(`${unit.id}: Main process exited, code=exited, status=${outcome.status}/INVALIDARGUMENT`);
      return fail('exit-code', CONTROL);
    }
    if (outcome.kind === 'hangs') {
      context.hang();
      return later(START_TIMEOUT, () => {
        say(`${unit.id}: start operation timed out. Terminating.`);
        daemon.stopping();
        daemon.stopped();
        context.gone(1, 0);
        fail('timeout', 'a timeout was exceeded');
      });
    }
    enter('active', 'running');
    say(`Started ${title()}.`);
    finish(OK);
  });
};

/** `systemctl stop`. */
export const stopJob = (context: JobContext, finish: Finish, later: Later) => {
  const { unit, daemon, enter, say, title } = context;
  if (unit.processes.length === 0) return finish(OK);
  const wasFrozen = unit.frozen;
  enter('deactivating', 'stop-sigterm');
  say(`Stopping ${title()}...`);
  const end = (): void => {
    // systemd follows its SIGTERM with SIGCONT, so a frozen service does get to its last words.
    if (unit.frozen) unit.freeze(false);
    const takes = daemon.stopTime();
    daemon.stopping();
    later(takes, () => {
      daemon.stopped();
      context.gone(1, 0);
      unit.result = 'success';
      enter('inactive', 'dead');
      say(`${unit.id}: Deactivated successfully.`);
      say(`Stopped ${title()}.`);
      finish(OK);
    });
  };
  if (wasFrozen) later(daemon.frozenStopTime, end);
  else end();
};

/** New processes in the place of all but the main one. */
export const renew = ({ unit, clock, nextPid }: JobContext): void => {
  const now = clock.wall();
  unit.processes = unit.processes.map((process, index) =>
    index === 0 ? process : { ...process, pid: nextPid(), started: now },
  );
};

/** `systemctl reload`. */
export const reloadJob = (context: JobContext, finish: Finish, later: Later) => {
  const { unit, daemon, clock, enter, say, title } = context;
  if (unit.active !== 'active') {
    say(`${unit.id}: Unit cannot be reloaded because it is inactive.`);
    return finish({ ok: false, lines: [`${unit.id} is not active, cannot reload.`] });
  }
  enter('reloading', 'reload');
  say(`Reloading ${title()}...`);
  const main = unit.mainPid;
  // The signal is sent and waits; nobody waits for what comes of it.
  context.owed ||= unit.frozen;
  const outcome: ReloadOutcome = unit.frozen ? { kind: 'runs' } : daemon.reload(() => renew(context));
  if (outcome.kind === 'hangs') return context.hang();
  later(daemon.reloadTime, () => {
    if (outcome.kind === 'refused') {
      context.complain(outcome.lines);
      say(`${unit.id}: Control process exited, code=exited, status=1/FAILURE`);
      enter('active', 'running');
      say(`Reload failed for ${title()}.`);
      return finish(failedJob(context, ''));
    }
    if (outcome.kind === 'exits' && !outcome.late) {
      unit.exited({ code: 1, status: outcome.status, result: 'exit-code' });
      say(`Reload failed for ${title()}.`);
      return finish(failedJob(context, CONTROL));
    }
    enter('active', 'running');
    say(`Reloaded ${title()}.`);
    if (outcome.kind === 'exits') {
      clock.after(LATE, () => {
        if (unit.mainPid === main) unit.exited({ code: 1, status: outcome.status, result: 'exit-code' });
      });
    }
    finish(OK);
  });
};

/** What passes between the word that it is ready and the end of a service that cannot run, ms. */
const LATE = 30;
