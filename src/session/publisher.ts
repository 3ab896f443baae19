import type { State } from '../cluster/state.ts';

/** What must be seen at once: anything that was marked, said or decided. Routine answers wait for the next beat. */
const isNews = (shown: State, next: State): boolean =>
  shown.nextNotice !== next.nextNotice ||
  shown.marks !== next.marks ||
  shown.verdict.code !== next.verdict.code ||
  shown.topology !== next.topology ||
  shown.hops.some((hop, index) => hop.link.phase !== next.hops[index]?.link.phase);

/**
 * Decides when the screen gets a new picture: news within a few milliseconds (what comes together is one picture), routine
 * once a beat. A picture costs a frame, and frames are what an idle console costs.
 */
export const createPublisher = <T>(options: { initial: T; state: (picture: T) => State; gather: number }) => {
  let latest = options.initial;
  let shown = options.initial;
  let timer: NodeJS.Timeout | undefined;
  const listeners = new Set<() => void>();

  const publish = () => {
    clearTimeout(timer);
    timer = undefined;
    if (latest === shown) return;
    shown = latest;
    for (const listener of listeners) listener();
  };

  return {
    get: (): T => shown,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Takes a newer picture; `urgent` shows it as news whatever changed. */
    offer: (picture: T, urgent = false) => {
      latest = picture;
      if (timer === undefined && (urgent || isNews(options.state(shown), options.state(latest))))
        timer = setTimeout(publish, options.gather);
    },
    /** The beat: shows what has come since. */
    publish,
    stop: () => clearTimeout(timer),
  };
};
