import type { CheckRun } from './check-script.ts';
import type { DemoClock } from './clock.ts';
import type { KeepalivedSettings } from './keepalived-conf/settings.ts';

/** What a running track script needs of its keepalived. */
export type TrackPorts = {
  clock: DemoClock;
  settings(): KeepalivedSettings;
  frozen(): boolean;
  log(message: string): void;
  /** The result has settled: good, or failed often enough. */
  settled(good: boolean): void;
};

/**
 * Runs the check script at its interval and counts rise and fall as keepalived does; the very first result settles at once.
 * `phase`: it was good all along, and the next run is so many ms away. The returned function ends it, and a run with it.
 */
export const runTrackScript = (check: CheckRun, ports: TrackPorts, phase?: number): (() => void) => {
  const { clock, settings, log } = ports;
  let cancelRun = (): void => {};
  let cancelNext = (): void => {};
  let last: number | undefined = phase === undefined ? undefined : 0;
  let streak = 0;
  let good: boolean | undefined = phase === undefined ? undefined : true;
  let running = false;
  const judge = (status: number): void => {
    running = false;
    const ok = status === 0;
    streak = last === status ? streak + 1 : 1;
    if (last !== undefined && last !== status) log(`Script \`check_nginx\` now returning ${status}`);
    last = status;
    const { rise, fall } = settings();
    const enough = streak >= (good === undefined ? 1 : ok ? rise : fall);
    if (!enough || good === ok) return;
    good = ok;
    log(`VRRP_Script(check_nginx) ${ok ? 'succeeded' : `failed (exited with status ${status})`}`);
    ports.settled(ok);
  };
  const run = (): void => {
    cancelNext = clock.after(settings().checkInterval, run);
    if (ports.frozen()) return;
    if (running) {
      log('Track script check_nginx is already running, expect idle - skipping run');
      return;
    }
    running = true;
    cancelRun = check(judge);
  };
  if (phase === undefined) run();
  else cancelNext = clock.after(phase, run);
  return () => {
    cancelRun();
    cancelNext();
  };
};
