import type { DemoClock } from './clock.ts';
import { type Flavour, RESTARTS } from './configuration.ts';
import type { Machine } from './machine.ts';
import { dateText } from './tools/date.ts';
import { CHECK_LOG } from './topology.ts';
import type { Unit } from './unit.ts';

/** The tutorial's script sleeps this long between its restart of nginx and its second look, ms. */
const SECOND_LOOK = 2000;
/** The corrected script waits so long for nginx's answer, ms. */
const ANSWER_TIMEOUT = 1000;
/** What bash and its tools take, ms; the corrected script starts a few more of them before it has its answer. */
const RUN_TIME: Record<Flavour, number> = { tutorial: 12, fixed: 30 };

/** Gone with a reboot, like all of /run. */
const RESTART_MEMORY = '/run/check_nginx.restarts';
const PAUSE = '/run/check_nginx.pause';

/** One run: ends with an exit status, or is killed by keepalived (`script_killall`) through what it returned. */
export type CheckRun = (done: (status: number) => void) => () => void;

/** A disk that takes no line does not fail the check: the line is lost. */
const logLine = (machine: Machine, text: string): void =>
  void machine.files.append(CHECK_LOG, `${dateText(machine.clock.wall())}: ${text}\n`);

/** Timers of one run that end together. */
const chain = (clock: DemoClock): { later(ms: number, run: () => void): void; over(): boolean; kill(): void } => {
  let dead = false;
  let cancel = (): void => {};
  return {
    later: (ms, run) => {
      cancel = clock.after(ms, run);
    },
    over: () => dead,
    kill: () => {
      dead = true;
      cancel();
    },
  };
};

/** The tutorial's: counts processes, restarts nginx when there is none, looks again after 2 s, gives up on the whole node. */
const tutorial =
  (machine: Machine, nginx: Unit, killKeepalived: () => void): CheckRun =>
  (done) => {
    const run = chain(machine.clock);
    run.later(RUN_TIME.tutorial, () => {
      if (nginx.processes.length > 0) return done(0);
      nginx.restart(() => {
        if (run.over()) return;
        run.later(SECOND_LOOK, () => {
          logLine(machine, 'systemctl restart nginx');
          if (nginx.processes.length > 0) return done(0);
          // keepalived ends its running scripts when it stops: the script's last `echo` is never reached.
          killKeepalived();
        });
      });
    });
    return run.kill;
  };

/** Wall ms of the restarts that still count. */
const recentRestarts = ({ files, clock }: Machine): number[] =>
  (files.get(RESTART_MEMORY)?.content ?? '')
    .split('\n')
    .map(Number)
    .filter((at) => at > 0 && clock.wall() - at < RESTARTS.within);

/** The corrected one: asks nginx over HTTP, restarts it a few times when it is gone, and else only says that it is not well. */
const fixed =
  (machine: Machine, nginx: Unit): CheckRun =>
  (done) => {
    const run = chain(machine.clock);
    run.later(RUN_TIME.fixed, () => {
      if (nginx.processes.length > 0) return nginx.frozen ? run.later(ANSWER_TIMEOUT, () => done(1)) : done(0);
      const restarts = recentRestarts(machine);
      const gone = nginx.active === 'inactive' || nginx.active === 'failed';
      if (!gone || nginx.load === 'masked' || machine.files.get(PAUSE) || restarts.length >= RESTARTS.most)
        return done(1);
      restarts.push(machine.clock.wall());
      machine.files.write(RESTART_MEMORY, `${restarts.join('\n')}\n`);
      logLine(machine, 'systemctl restart nginx');
      nginx.restart(({ ok }) => {
        if (run.over()) return;
        if (!ok && restarts.length >= RESTARTS.most) {
          logLine(machine, `nginx does not come up, no more restarts for ${RESTARTS.within / 1000} s`);
        }
        done(ok ? 0 : 1);
      });
    });
    return run.kill;
  };

/** check_nginx.sh of one machine. `killKeepalived` is what the tutorial's script does when it gives up. */
export const createCheckScript = (machine: Machine, flavour: Flavour, killKeepalived: () => void): CheckRun => {
  const nginx = machine.unit('nginx');
  if (!nginx) return (done) => machine.clock.after(RUN_TIME[flavour], () => done(1));
  return flavour === 'fixed' ? fixed(machine, nginx) : tutorial(machine, nginx, killKeepalived);
};
