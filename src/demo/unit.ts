import type { DemoClock } from './clock.ts';
import type { Daemon, JobResult, Process } from './daemon.ts';
import { createJobQueue, type Later } from './job-queue.ts';
import type { Journal } from './journal.ts';

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

const OK: JobResult = { ok: true, lines: [] };

/** A unit that is loaded, enabled and not running. */
export const createUnit = (
  daemon: Daemon,
  machine: { clock: DemoClock; journal: Journal; nextPid(): number },
): Unit => {
  const { clock, journal } = machine;
  const id = `${daemon.name}.service`;
  /** systemd forgets the description of a masked unit. */
  const title = (): string => (unit.load === 'masked' ? id : `${id} - ${daemon.description}`);
  const say = (message: string): void => journal.write(id, 'systemd', 1, message);
  const { submit, clear } = createJobQueue<JobResult>(clock);

  const enter = (active: Unit['active'], sub: string): void => {
    const now = clock.wall();
    const was = unit.active;
    const idle = (state: string): boolean => state === 'inactive' || state === 'failed';
    if (active === 'active' && was !== 'reloading') unit.times.activeEnter = now;
    if (was === 'active' && active !== 'active' && active !== 'reloading') unit.times.activeExit = now;
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
  };
  const failed = (result: string): void => {
    unit.result = result;
    enter('failed', 'failed');
    say(`${id}: Failed with result '${result}'.`);
  };
  const hints = `See "systemctl status ${id}" and "journalctl -xeu ${id}" for details.`;

  const startJob = (finish: Done, later: Later): void => {
    if (unit.load === 'masked' || unit.active === 'active') {
      const lines = unit.load === 'masked' ? [`Failed to start ${id}: Unit ${id} is masked.`] : [];
      finish({ ok: lines.length === 0, lines });
      return;
    }
    enter('activating', 'start');
    say(`Starting ${title()}...`);
    const errors = daemon.preflight();
    if (errors.length > 0) {
      const pid = machine.nextPid();
      for (const line of errors) journal.write(id, daemon.name, pid, line.replaceAll('PID', String(pid)));
      say(`${id}: Control process exited, code=exited, status=1/FAILURE`);
      unit.exec = { pid: 0, started: 0, exited: 0, code: 0, status: 0 };
      failed('exit-code');
      say(`Failed to start ${title()}.`);
      finish({
        ok: false,
        lines: [`Job for ${id} failed because the control process exited with error code.`, hints],
      });
      return;
    }
    later(daemon.startTime, () => {
      spawn(clock.wall());
      daemon.started();
      enter('active', 'running');
      say(`Started ${title()}.`);
      finish(OK);
    });
  };
  const stopJob = (finish: Done, later: Later): void => {
    if (unit.active !== 'active') {
      finish(OK);
      return;
    }
    const wasFrozen = unit.frozen;
    enter('deactivating', 'stop-sigterm');
    say(`Stopping ${title()}...`);
    const end = (): void => {
      // systemd follows its SIGTERM with SIGCONT, so a frozen service does get to its last words.
      if (unit.frozen) unit.freeze(false);
      if (wasFrozen) daemon.stopping();
      later(daemon.stopTime, () => {
        daemon.stopped();
        gone(1, 0);
        unit.result = 'success';
        enter('inactive', 'dead');
        say(`${id}: Deactivated successfully.`);
        say(`Stopped ${title()}.`);
        finish(OK);
      });
    };
    if (!wasFrozen) daemon.stopping();
    later(wasFrozen ? daemon.frozenStopTime : 0, end);
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
    start: (done) => submit(startJob, done),
    stop: (done) => submit(stopJob, done),
    restart: (done) => submit((finish, later) => stopJob(() => startJob(finish, later), later), done),
    reload: (done) =>
      submit((finish, later) => {
        if (unit.active !== 'active') {
          return finish({ ok: false, lines: [`${id} is not active, cannot reload.`] });
        }
        say(`Reloading ${title()}...`);
        const outcome = daemon.reload();
        if (outcome && 'exit' in outcome) {
          unit.exited({ code: 1, status: outcome.exit, result: 'exit-code' });
          return finish({ ok: false, lines: [`Job for ${id} failed.`, hints] });
        }
        if (outcome) {
          const pid = machine.nextPid();
          for (const line of outcome.lines) journal.write(id, daemon.name, pid, line.replaceAll('PID', String(pid)));
          say(`${id}: Control process exited, code=exited, status=1/FAILURE`);
          say(`Reload failed for ${title()}.`);
          return finish({ ok: false, lines: [`Job for ${id} failed.`, hints] });
        }
        later(20, () => {
          say(`Reloaded ${title()}.`);
          finish(OK);
        });
      }, done),
    kill: (whom) => {
      if (unit.active !== 'active') return;
      const others = unit.processes.slice(1);
      daemon.died();
      say(`${id}: Main process exited, code=killed, status=9/KILL`);
      if (whom === 'main') {
        for (const other of others) say(`${id}: Killing process ${other.pid} (${other.name}) with signal SIGKILL.`);
      }
      gone(2, 9);
      failed('signal');
    },
    freeze: (frozen) => {
      if (unit.processes.length === 0 || unit.frozen === frozen) return;
      unit.frozen = frozen;
      daemon.freeze(frozen);
    },
    mask: (masked) => {
      unit.load = masked ? 'masked' : 'loaded';
      unit.file = masked ? 'masked' : 'enabled';
    },
    enable: (enabled) => {
      unit.file = enabled ? 'enabled' : 'disabled';
    },
    resetFailed: () => {
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
          : `${id}: Main process exited, code=exited, status=${status}/${status === 2 ? 'INVALIDARGUMENT' : 'FAILURE'}`,
      );
      failed(result);
    },
    found: (at) => {
      journal.write(id, 'systemd', 1, `Starting ${title()}...`, at - daemon.startTime);
      journal.write(id, 'systemd', 1, `Started ${title()}.`, at);
      spawn(at);
      const since = { stateChange: at, inactiveExit: at, activeEnter: at };
      unit.times = { ...unit.times, ...since };
      unit.active = 'active';
      unit.sub = 'running';
    },
    off: () => {
      clear();
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
  return unit;
};
