import type { DrillView } from '../cluster/drill-view.ts';
import type { State } from '../cluster/state.ts';

/** Whether the newest answers of a VIP fare as those shown: the lanes of a drill grow with the beat, but a turn is seen at once. */
const hasTurned = (shown: DrillView, next: DrillView): boolean =>
  Object.entries(next.lanes).some(([vip, lane]) => {
    const [before, now] = [shown.lanes[vip]?.at(-1), lane.at(-1)];
    return before !== undefined && now !== undefined && before.lost > 0 !== now.lost > 0;
  });

/** What of a drill does not wait for the beat: everything but the lanes as they go on. */
const isDrillNews = (shown: DrillView | undefined, next: DrillView | undefined): boolean => {
  if (shown === next || !next) return false;
  if (shown?.id !== next.id) return true;
  const same =
    shown.phase === next.phase &&
    shown.plan === next.plan &&
    shown.steps === next.steps &&
    shown.holders === next.holders &&
    shown.expectations === next.expectations &&
    shown.undo === next.undo &&
    shown.abort === next.abort &&
    shown.outcome === next.outcome;
  return !same || hasTurned(shown, next);
};

/** What must be seen at once: anything that was marked, said or decided. Routine answers wait for the next beat. */
const isNews = (shown: State, next: State): boolean =>
  shown.nextNotice !== next.nextNotice ||
  shown.marks !== next.marks ||
  shown.actions !== next.actions ||
  shown.verdict.code !== next.verdict.code ||
  shown.topology !== next.topology ||
  isDrillNews(shown.drill, next.drill) ||
  shown.hops.some((hop, index) => hop.link.phase !== next.hops[index]?.link.phase);

/** While everything is news, it is gathered longer, ms: frames would delay the handshakes they show. */
const EAGER_GATHER = 40;

/**
 * Decides when the screen gets a new picture: news within a few milliseconds (what comes together is one picture), routine
 * once a beat. A picture costs a frame, and frames are what an idle console costs.
 */
export const createPublisher = <T>(options: {
  initial: T;
  state: (picture: T) => State;
  /** ms in which news is gathered into one picture. */
  gather: number;
  /** ms from the start in which everything is news: the first full picture is not to wait for a beat. */
  eager?: number;
}) => {
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
      if (timer !== undefined) return;
      const { now, started } = options.state(latest);
      const isEarly = now.mono - started.mono < (options.eager ?? 0);
      if (isEarly || urgent || isNews(options.state(shown), options.state(latest)))
        timer = setTimeout(publish, isEarly ? EAGER_GATHER : options.gather);
    },
    /** The beat: shows what has come since. */
    publish,
    stop: () => clearTimeout(timer),
  };
};
