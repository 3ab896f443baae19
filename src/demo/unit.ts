import type { DemoClock } from './clock.ts';
import type { Daemon, JobResult, Process } from './daemon.ts';
import { createJobQueue } from './job-queue.ts';
import type { Journal } from './journal.ts';
import { createStartLimit } from './start-limit.ts';
import { type JobContext, reloadJob, renew, startJob, stopJob } from './unit-jobs.ts';

type Done = (result: JobResult) => void;

/** One systemd unit with its state in systemd's own words. Times are wall ms, 0 = never. */
export type Unit = {
  readonly name: string;
  readonly id: string;
  readonly daemon: Daemon;
  load: 'loaded' | 'masked';
  file: 'enabled' | 'disabled' | 'masked';
  active: 'active' | 'inactive' | 'failed' | 'activating' | 'deactivating' | 'reloading';
  sub: string;
  result: string;
  mainPid: number;
  restarts: number;
  exec: { pid: number; started: number; exited: number; code: 0 | 1 | 2; status: number };
  times: { stateChange: number; inactiveExit: number; activeEnter: number; activeExit: number; inactiveEnter: number };
  processes: Process[];
  frozen: boolean;
  /** RefuseManualStop=yes. */
  refusesStop: boolean;
  readonly canReload: boolean;
  start(done?: Done): void;
  stop(done?: Done): void;
  restart(done?: Done): void;
  reload(done?: Done): void;
  /** SIGKILL to the whole group, or to the main process only. */
  kill(whom: 'all' | 'main'): void;
  freeze(frozen: boolean): void;
  mask(masked: boolean): void;
  enable(enabled: boolean): void;
  resetFailed(): void;
  /** The process ended by itself (SIGTERM from elsewhere, an error): not asked for by systemd. */
  exited(how: { code: 1 | 2; status: number; result: string }): void;
  /** Running since `at`, with that in the journal and nothing else happening: how the machine was found. */
  found(at: number): void;
  /** The power went. */
  off(): void;
};

/** What systemd's log calls an exit status (systemd.exec(5)). */
const STATUS: Record<number, string> = { 1: 'FAILURE', 2: 'INVALIDARGUMENT' };

/** A unit that is loaded, enabled and not running. */
export const createUnit = (
  daemon: Daemon,
  machine: { clock: DemoClock; journal: Journal; nextPid(): number },
): Unit => {
  const { clock, journal } = machine;
  const id = `${daemon.name}.service`;
  const say = (message: string): void => journal.write(id, 'systemd', 1, message);
  const { submit, interrupt, clear } = createJobQueue<JobResult>(clock);
  const limit = createStartLimit(clock.now);
  /** A job runs that may never end by itself. */
  let hanging = false;

  const enter = (active: Unit['active'], sub: string): void => {
    const now = clock.wall();
    const was = unit.active;
    const idle = (state: string): boolean => state === 'inactive' || state === 'failed';
    if (active === 'active' && was !== 'reloading') unit.times.activeEnter = now;
    if ((was === 'active' || was === 'reloading') && active !== 'active' && active !== 'reloading')
      unit.times.activeExit = now;
    if (idle(active) && !idle(was)) unit.times.inactiveEnter = now;
    if (!idle(active) && idle(was)) unit.times.inactiveExit = now;
    unit.times.stateChange = now;
    unit.active = active;
    unit.sub = sub;
  };
  const spawn = (at: number): void => {
    unit.processes = daemon.processes(machine.nextPid, at);
    unit.mainPid = unit.processes[0]?.pid ?? 0;
    unit.exec = { pid: unit.mainPid, started: at, exited: 0, code: 0, status: 0 };
    unit.result = 'success';
  };
  const gone = (code: 1 | 2, status: number): void => {
    unit.exec = { ...unit.exec, exited: clock.wall(), code, status };
    unit.mainPid = 0;
    unit.processes = [];
    unit.frozen = false;
    context.owed = false;
  };
  const failed = (result: string): void => {
    unit.result = result;
    enter('failed', 'failed');
    say(`${id}: Failed with result '${result}'.`);
  };
  /** What hangs is given up for what comes now. */
  const giveWay = (): void => {
    if (hanging) interrupt({ ok: false, lines: [`Job for ${id} canceled.`] });
    hanging = false;
  };

  const unit: Unit = {
    name: daemon.name,
    id,
    daemon,
    load: 'loaded',
    file: 'enabled',
    active: 'inactive',
    sub: 'dead',
    result: 'success',
    mainPid: 0,
    restarts: 0,
    exec: { pid: 0, started: 0, exited: 0, code: 0, status: 0 },
    times: { stateChange: 0, inactiveExit: 0, activeEnter: 0, activeExit: 0, inactiveEnter: 0 },
    processes: [],
    frozen: false,
    refusesStop: false,
    canReload: true,
    start: (done) => submit((finish, later) => startJob(context, finish, later), done),
    stop: (done) => {
      submit((finish, later) => stopJob(context, finish, later), done);
      giveWay();
    },
    restart: (done) => {
      submit((finish, later) => stopJob(context, () => startJob(context, finish, later), later), done);
      giveWay();
    },
    reload: (done) => submit((finish, later) => reloadJob(context, finish, later), done),
    kill: (whom) => {
      if (unit.processes.length === 0) return;
      const others = unit.processes.slice(1);
      daemon.died();
      say(`${id}: Main process exited, code=killed, status=9/KILL`);
      if (whom === 'main') {
        for (const other of others) say(`${id}: Killing process ${other.pid} (${other.name}) with signal SIGKILL.`);
      }
      gone(2, 9);
      failed('signal');
      if (hanging) {
        hanging = false;
        const why = `Job for ${id} failed because a fatal signal was delivered to the control process.`;
        interrupt({ ok: false, lines: [why, context.hints] });
      }
    },
    freeze: (frozen) => {
      if (unit.processes.length === 0 || unit.frozen === frozen) return;
      unit.frozen = frozen;
      daemon.freeze(frozen);
      if (frozen || !context.owed) return;
      context.owed = false;
      const outcome = daemon.reload(() => renew(context));
      if (outcome.kind === 'exits') unit.exited({ code: 1, status: outcome.status, result: 'exit-code' });
    },
    mask: (masked) => {
      unit.load = masked ? 'masked' : 'loaded';
      unit.file = masked ? 'masked' : 'enabled';
    },
    enable: (enabled) => {
      unit.file = enabled ? 'enabled' : 'disabled';
    },
    resetFailed: () => {
      limit.reset();
      if (unit.active !== 'failed') return;
      unit.result = 'success';
      enter('inactive', 'dead');
    },
    exited: ({ code, status, result }) => {
      gone(code, status);
      if (result === 'success') {
        unit.result = result;
        enter('inactive', 'dead');
        say(`${id}: Deactivated successfully.`);
        return;
      }
      say(
        code === 2
          ? `${id}: Main process exited, code=killed, status=${status}/KILL`
          : `${id}: Main process exited, code=exited, status=${status}/${STATUS[status] ?? 'n/a'}`,
      );
      failed(result);
    },
    found: (at) => {
      journal.write(id, 'systemd', 1, `Starting ${context.title()}...`, at - daemon.startTime);
      journal.write(id, 'systemd', 1, `Started ${context.title()}.`, at);
      spawn(at);
      const since = { stateChange: at, inactiveExit: at, activeEnter: at };
      unit.times = { ...unit.times, ...since };
      unit.active = 'active';
      unit.sub = 'running';
    },
    off: () => {
      clear();
      limit.reset();
      hanging = false;
      if (unit.processes.length > 0) daemon.died();
      unit.processes = [];
      unit.mainPid = 0;
      unit.frozen = false;
      unit.active = 'inactive';
      unit.sub = 'dead';
      unit.result = 'success';
      unit.exec = { pid: 0, started: 0, exited: 0, code: 0, status: 0 };
      unit.times = { stateChange: 0, inactiveExit: 0, activeEnter: 0, activeExit: 0, inactiveEnter: 0 };
    },
  };
  const context: JobContext = {
    unit,
    daemon,
    clock,
    limit,
    enter,
    spawn,
    gone,
    failed,
    say,
    /** systemd forgets the description of a masked unit. */
    title: () => (unit.load === 'masked' ? id : `${id} - ${daemon.description}`),
    hints: `See "systemctl status ${id}" and "journalctl -xeu ${id}" for details.`,
    complain: (lines) => {
      const pid = machine.nextPid();
      for (const line of lines) journal.write(id, daemon.name, pid, line.replaceAll('PID', String(pid)));
    },
    nextPid: machine.nextPid,
    owed: false,
    hang: () => {
      hanging = true;
    },
  };
  return unit;
};
