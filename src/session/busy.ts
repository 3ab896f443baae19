/** What is under way on which node: actions and drills keep off each other. */
export type Busy = {
  /** What is under way on a node, as a sentence; undefined: nothing. */
  on(node: string): string | undefined;
  /** Takes a node; returns what gives it back. Throws when it is taken: ask first. */
  take(node: string, what: string): () => void;
};

/** Nothing is under way anywhere. */
export const createBusy = (): Busy => {
  const taken = new Map<string, string>();
  return {
    on: (node) => taken.get(node),
    take: (node, what) => {
      if (taken.has(node)) throw new Error(`${node} is taken: ${taken.get(node)}`);
      taken.set(node, what);
      return () => {
        if (taken.get(node) === what) taken.delete(node);
      };
    },
  };
};
