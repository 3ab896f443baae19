import { takeTurns } from '../actions/turn.ts';
import { balancers } from '../cluster/select.ts';
import type { State } from '../cluster/state.ts';
import type { Network } from '../ssh/remote.ts';

/**
 * The turn on every load balancer that can be reached: two that look at the same moment would each find the other one ready. `taken`
 * names the node on which somebody else has it. `timeout` in ms for each node. Never rejects.
 */
export const turnsOn = (
  state: State,
  network: Pick<Network, 'remote'>,
  options: { signal: AbortSignal; timeout: number },
): Promise<{ taken?: string; release(): void }> =>
  takeTurns(
    balancers(state)
      .filter((node) => node.link.phase === 'up')
      .map((node) => network.remote(node.name)),
    options,
  );
