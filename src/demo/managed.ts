import type { JobResult } from './daemon.ts';

type Done = (result: JobResult) => void;

/** Anything that systemctl's verbs work on: a service, a timer. */
export type Managed = {
  readonly id: string;
  readonly load: 'loaded' | 'masked';
  readonly active: string;
  readonly sub: string;
  /** RefuseManualStop=yes: systemd stops it only for another unit's sake. */
  readonly refusesStop: boolean;
  readonly canReload: boolean;
  start(done: Done): void;
  stop(done: Done): void;
  restart(done: Done): void;
  reload(done: Done): void;
  resetFailed(): void;
};
