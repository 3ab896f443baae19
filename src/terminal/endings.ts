/** Every way a program can end or stop, so that the terminal is given back on each of them. */
import process from 'node:process';

const FATAL = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

/** What the layer does at each. */
export type EndingHooks = {
  /** Give everything back now, synchronously. */
  readonly restore: () => void;
  /** The line hung up (SIGHUP), after `restore`. True when somebody takes care of what follows, so that the process need not die of it. */
  readonly hangup: () => boolean;
  /** Stop for a while (SIGTSTP from outside). */
  readonly suspend: () => void;
  /** Go on (SIGCONT). */
  readonly resume: () => void;
};

export type Endings = {
  /** Watches no more. */
  readonly forget: () => void;
  /** Stops the process group as Ctrl+Z does, where job control can; returns when continued, at once where it cannot. */
  readonly stopGroup: () => void;
};

/** Watches from now on. */
export function watchEndings(hooks: EndingHooks): Endings {
  const listeners: [string, (...args: never[]) => void][] = [];
  const on = (event: string, listener: (...args: never[]) => void): void => {
    process.on(event, listener as () => void);
    listeners.push([event, listener]);
  };
  const forget = (): void => {
    for (const [event, listener] of listeners.splice(0)) process.off(event, listener as () => void);
  };

  on('exit', hooks.restore);
  on('uncaughtExceptionMonitor', () => {
    // A program with a handler of its own may live on; if it does not, 'exit' comes.
    if (process.listenerCount('uncaughtException') === 0) hooks.restore();
  });
  for (const signal of FATAL) {
    on(signal, () => {
      const others = process.listenerCount(signal) - 1 - signalExitListeners();
      hooks.restore();
      forget();
      const cared = signal === 'SIGHUP' && hooks.hangup();
      // A line hangs up once. Without any listener signal-exit would take the signal for fatal.
      if (cared) process.on('SIGHUP', () => {});
      // With nobody else to decide, the signal does what it would have done without us.
      if (others <= 0 && !cared) process.kill(process.pid, signal);
    });
  }
  on('SIGTSTP', hooks.suspend);
  on('SIGCONT', hooks.resume);
  const stopGroup = (): void => {
    process.off('SIGTSTP', hooks.suspend);
    process.kill(0, 'SIGTSTP');
    process.on('SIGTSTP', hooks.suspend);
  };
  return { forget, stopGroup };
}

/**
 * Listeners of the package signal-exit (Ink brings it): it re-raises a signal only when nobody else listens, so it must
 * not count as somebody else. Version 3 and 4 leave their counter in these places.
 */
function signalExitListeners(): number {
  const host = process as unknown as Record<string | symbol, { count?: number } | undefined>;
  const v3 = host.__signal_exit_emitter__?.count ?? 0;
  const v4 = (globalThis as unknown as Record<symbol, { count?: number } | undefined>)[
    Symbol.for('signal-exit emitter')
  ];
  return v3 + (v4?.count ?? 0);
}
