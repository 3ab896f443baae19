/** A process as `ps` shows it. `started` is wall ms. */
export type Process = {
  pid: number;
  ppid: number;
  user: string;
  stat: string;
  started: number;
  name: string;
  command: string;
};

/**
 * How a start goes. `refused`: the test before it fails with these lines; `exits`: it starts, finds that it cannot run and ends
 * itself; `skipped`: a condition of its unit does not hold; `hangs`: it never says that it is ready.
 */
export type StartOutcome =
  | { kind: 'runs' }
  | { kind: 'refused'; lines: string[] }
  | { kind: 'exits'; status: number }
  | { kind: 'skipped'; condition: string }
  | { kind: 'hangs' };

/** How a reload goes: as `StartOutcome`; `late` ends itself only after it has said that it is ready. */
export type ReloadOutcome =
  | { kind: 'runs' }
  | { kind: 'refused'; lines: string[] }
  | { kind: 'exits'; status: number; late: boolean }
  | { kind: 'hangs' };

/** What a service does when systemd handles it. Calls are synchronous; durations are told, the unit waits for them. */
export type Daemon = {
  /** Unit name without suffix. */
  name: string;
  description: string;
  /** Durations in ms. */
  startTime: number;
  stopTime(): number;
  reloadTime: number;
  /** How long a frozen one takes to stop (its stop timeout), ms. */
  frozenStopTime: number;
  /** What `systemctl cat` shows. */
  unitFile: string;
  /** Looks at its files before a start. */
  preflight(): StartOutcome;
  processes(nextPid: () => number, now: number): Process[];
  /** The processes are there; whether they are to stay `preflight` has said. */
  started(outcome: StartOutcome): void;
  /** SIGTERM (or QUIT) has come: what it does at once. */
  stopping(): void;
  /** It is about to exit. */
  stopped(): void;
  /** SIGKILL: gone without a word. */
  died(): void;
  freeze(frozen: boolean): void;
  /** Takes its files up anew. `renew` replaces its processes but the main one. */
  reload(renew: () => void): ReloadOutcome;
};

/** How a job ended; `lines` is what systemctl writes to stderr. */
export type JobResult = { ok: boolean; lines: string[] };
