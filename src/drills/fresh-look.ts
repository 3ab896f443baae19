import type { Ports } from './ports.ts';

/** How long a look at all of them may take, ms. */
const LOOKS = 4000;

/** Waits, at most a few seconds, until each of these nodes was looked at since now. */
export const freshLook = async (names: readonly string[], ports: Ports, signal: AbortSignal): Promise<void> => {
  const since = ports.now();
  ports.refresh(names);
  await ports.until(
    () => names.every((name) => (ports.state().nodes[name]?.addresses.at ?? Number.NEGATIVE_INFINITY) > since),
    LOOKS,
    signal,
  );
};
