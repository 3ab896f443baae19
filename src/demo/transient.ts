import type { DemoClock } from './clock.ts';
import type { JobResult } from './daemon.ts';
import type { Journal } from './journal.ts';
import type { Managed } from './managed.ts';
import { createStartLimit } from './start-limit.ts';

/** What systemd-run asks for. Times in ms. */
export type TransientSpec = {
  /** Without suffix. */
  name: string;
  description: string;
  /** The command with its absolute path, and its arguments. */
  command: readonly string[];
  onActive: number;
  accuracy: number;
  /** Does what the command does; its exit status and what it says on stderr. */
  run(done: (code: number, stderr: string) => void): void;
};

/** A transient timer and the service it starts, as systemd keeps them until they are done. Times are wall ms, 0 = never. */
export type Transient = {
  readonly spec: TransientSpec;
  readonly timer: Managed & {
    loaded(): boolean;
    nextElapse(): number;
    lastTrigger(): number;
    since: number;
    stateChange: number;
    result: 'success' | 'start-limit-hit';
  };
  readonly service: Managed & {
    loaded(): boolean;
    result: 'success' | 'exit-code';
    exec: { pid: number; started: number; exited: number; code: 0 | 1 | 2; status: number };
    stateChange: number;
  };
  /** The power went: /run is empty. */
  off(): void;
};

const OK: JobResult = { ok: true, lines: [] };
/** What systemd's log calls the exit statuses it knows (systemd.exec(5)). */
const STATUS: Record<number, string> = { 1: 'FAILURE', 2: 'INVALIDARGUMENT', 4: 'NOPERMISSION', 5: 'NOTINSTALLED' };

/**
 * `systemd-run --on-active`: the timer waits, starts its service once, and both are forgotten when that has ended well. A
 * service that failed stays until it is reset, and its name is taken for as long (measured, systemd 252).
 */
export const createTransient = (
  spec: TransientSpec,
  machine: { clock: DemoClock; journal: Journal; random(): number; nextPid(): number },
): Transient => {
  const { clock, journal } = machine;
  const timerId = `${spec.name}.timer`;
  const serviceId = `${spec.name}.service`;
  const say = (unit: string, message: string): void => journal.write(unit, 'systemd', 1, message);
  const limit = createStartLimit(clock.now);
  let next = 0;
  let last = 0;
  let cancel = (): void => {};
  /** A run that was ended says nothing any more. */
  let generation = 0;

  const runService = (): void => {
    generation += 1;
    const mine = generation;
    const pid = machine.nextPid();
    Object.assign(service, { active: 'active', sub: 'running', result: 'success', stateChange: clock.wall() });
    service.exec = { pid, started: clock.wall(), exited: 0, code: 0, status: 0 };
    say(serviceId, `Started ${serviceId} - ${spec.description}.`);
    spec.run((code, stderr) => {
      if (mine !== generation) return;
      for (const line of stderr.split('\n'))
        if (line !== '') journal.write(serviceId, spec.command[0]!.split('/').at(-1)!, pid, line);
      service.exec = { ...service.exec, exited: clock.wall(), code: 1, status: code };
      endService(code === 0);
    });
  };
  const endService = (well: boolean): void => {
    service.stateChange = clock.wall();
    if (well) {
      Object.assign(service, { active: 'inactive', sub: 'dead', result: 'success' });
      say(serviceId, `${serviceId}: Deactivated successfully.`);
    } else {
      const { status } = service.exec;
      Object.assign(service, { active: 'failed', sub: 'failed', result: 'exit-code' });
      say(serviceId, `${serviceId}: Main process exited, code=exited, status=${status}/${STATUS[status] ?? 'n/a'}`);
      say(serviceId, `${serviceId}: Failed with result 'exit-code'.`);
    }
    // RemainAfterElapse=no: a timer that has elapsed goes when its service has ended.
    if (timer.active === 'active' && timer.sub !== 'waiting') endTimer();
  };
  const endTimer = (): void => {
    cancel();
    Object.assign(timer, { active: 'inactive', sub: 'dead' });
    next = 0;
    say(timerId, `${timerId}: Deactivated successfully.`);
  };
  const arm = (): void => {
    timer.since = clock.wall();
    timer.stateChange = timer.since;
    next = timer.since + spec.onActive;
    Object.assign(timer, { active: 'active', sub: 'waiting', result: 'success' });
    // systemd may wait as long as the accuracy allows, to wake up for several timers at once.
    cancel = clock.after(spec.onActive + machine.random() * spec.accuracy, () => {
      last = clock.wall();
      next = 0;
      Object.assign(timer, { sub: 'running', stateChange: last });
      if (service.active !== 'active') runService();
    });
  };
  const startTimer = (): JobResult => {
    if (!limit.allow()) {
      say(timerId, `${timerId}: Start request repeated too quickly.`);
      say(timerId, `${timerId}: Failed with result 'start-limit-hit'.`);
      say(timerId, `Failed to start ${timerId} - ${spec.description}.`);
      Object.assign(timer, { active: 'failed', sub: 'failed', result: 'start-limit-hit', stateChange: clock.wall() });
      return { ok: false, lines: ['Job failed. See "journalctl -xe" for details.'] };
    }
    arm();
    say(timerId, `Started ${timerId} - ${spec.description}.`);
    return OK;
  };
  const stopTimer = (): void => {
    endTimer();
    say(timerId, `Stopped ${timerId} - ${spec.description}.`);
  };

  const timer: Transient['timer'] = {
    id: timerId,
    load: 'loaded',
    active: 'inactive',
    sub: 'dead',
    refusesStop: false,
    canReload: false,
    since: 0,
    stateChange: 0,
    result: 'success',
    loaded: () => timer.active !== 'inactive',
    nextElapse: () => next,
    lastTrigger: () => last,
    start: (done) => {
      done(timer.active === 'active' ? OK : startTimer());
    },
    stop: (done) => {
      if (timer.active === 'active') stopTimer();
      done(OK);
    },
    restart: (done) => {
      if (timer.active === 'active') {
        stopTimer();
        // In this order systemd says it of a restart.
        say(timerId, `Stopping ${timerId} - ${spec.description}...`);
      }
      done(startTimer());
    },
    reload: (done) => done(OK),
    resetFailed: () => {
      limit.reset();
      if (timer.active === 'failed') Object.assign(timer, { active: 'inactive', sub: 'dead', result: 'success' });
    },
  };
  const service: Transient['service'] = {
    id: serviceId,
    load: 'loaded',
    active: 'inactive',
    sub: 'dead',
    refusesStop: false,
    canReload: false,
    result: 'success',
    exec: { pid: 0, started: 0, exited: 0, code: 0, status: 0 },
    stateChange: 0,
    loaded: () => timer.loaded() || service.active !== 'inactive',
    start: (done) => {
      if (service.active !== 'active') runService();
      done(OK);
    },
    stop: (done) => {
      if (service.active === 'active') {
        generation += 1;
        say(serviceId, `Stopping ${serviceId} - ${spec.description}...`);
        service.exec = { ...service.exec, exited: clock.wall(), code: 2, status: 15 };
        endService(true);
        say(serviceId, `Stopped ${serviceId} - ${spec.description}.`);
      }
      done(OK);
    },
    restart: (done) => service.stop(() => service.start(done)),
    reload: (done) => done(OK),
    resetFailed: () => {
      if (service.active === 'failed') Object.assign(service, { active: 'inactive', sub: 'dead', result: 'success' });
    },
  };
  startTimer();
  return {
    spec,
    timer,
    service,
    off: () => {
      generation += 1;
      cancel();
      Object.assign(timer, { active: 'inactive', sub: 'dead' });
      Object.assign(service, { active: 'inactive', sub: 'dead' });
    },
  };
};
