/** The cable of one machine (or the operator's line to the jump host): what is on it waits while it is cut. */
export type Wire = {
  /** False: nothing passes, nobody is told. */
  readonly open: boolean;
  /** False: the interface knows that the cable is gone. */
  readonly carrier: boolean;
  /** Added to each packet, one way, ms. */
  readonly delay: number;
  /** `cut`: nothing passes; `off`: the machine at its end has no power. */
  set(change: { cut?: boolean; off?: boolean; carrier?: boolean; delay?: number }): void;
  /** Ends every connection over it: their peer has forgotten them and says so. */
  reset(): void;
  onChange(listener: (what: 'state' | 'reset') => void): () => void;
};

/** A working cable. */
export const createWire = (): Wire => {
  const listeners = new Set<(what: 'state' | 'reset') => void>();
  const state = { cut: false, off: false, carrier: true, delay: 0 };
  const tell = (what: 'state' | 'reset'): void => {
    for (const listener of [...listeners]) listener(what);
  };
  return {
    get open() {
      return !state.cut && !state.off;
    },
    get carrier() {
      return state.carrier;
    },
    get delay() {
      return state.delay;
    },
    set: (change) => {
      Object.assign(state, change);
      tell('state');
    },
    reset: () => tell('reset'),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/** Two cables one after the other, as one: what passes goes over both. It is changed at its parts. */
export const inLine = (
  near: Omit<Wire, 'set' | 'reset'>,
  far: Omit<Wire, 'set' | 'reset'>,
): Omit<Wire, 'set' | 'reset'> => ({
  get open() {
    return near.open && far.open;
  },
  get carrier() {
    return near.carrier;
  },
  get delay() {
    return near.delay + far.delay;
  },
  onChange: (listener) => {
    const forget = [near.onChange(listener), far.onChange(listener)];
    return () => {
      for (const one of forget) one();
    };
  },
});
