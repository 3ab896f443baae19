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

/** What a service does when systemd handles it. Calls are synchronous; durations are told, the unit waits for them. */
export type Daemon = {
  /** Unit name without suffix. */
  name: string;
  description: string;
  /** Durations in ms. */
  startTime: number;
  stopTime: number;
  /** How long a frozen one takes to stop (its stop timeout), ms. */
  frozenStopTime: number;
  /** What `systemctl cat` shows. */
  unitFile: string;
  /** Lines that the start (or its configuration test) fails with; empty when it comes up. */
  preflight(): string[];
  processes(nextPid: () => number, now: number): Process[];
  /** The processes are there. */
  started(): void;
  /** SIGTERM (or QUIT) has come: what it does at once. */
  stopping(): void;
  /** It is about to exit. */
  stopped(): void;
  /** SIGKILL: gone without a word. */
  died(): void;
  freeze(frozen: boolean): void;
  /** Reload; error lines when the reload command fails, `exit` when the service itself ends over it. */
  reload(): { lines: string[] } | { exit: number } | undefined;
};

/** How a job ended; `lines` is what systemctl writes to stderr. */
export type JobResult = { ok: boolean; lines: string[] };
