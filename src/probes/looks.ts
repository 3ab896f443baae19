import type { Failure, Reading } from '../cluster/failure.ts';
import { RemoteError } from '../ssh/remote.ts';
import type { Agent } from './agent/agent.ts';
import type { Reply } from './agent/protocol.ts';
import type { AgentSpec } from './agent/script.ts';
import { configurationOf, dumpOf } from './dump.ts';
import type { NodeProbeOptions } from './node.ts';
import { plain } from './plain.ts';
import { snapshotOf } from './snapshot.ts';

/** What the error of a Remote says, or that something of ours broke. */
export const failureOf = (error: unknown, hop: string): Failure =>
  error instanceof RemoteError
    ? error.failure
    : { step: 'command', hop, found: plain(error instanceof Error ? error.message : String(error)), blame: 'path' };

/** Silence: the node's where the way there answered meanwhile, else nothing is known of the node. */
export const silence = async (
  { pathAlive, spec }: Pick<NodeProbeOptions, 'pathAlive' | 'spec'>,
  asked: number,
  found: string,
): Promise<Failure> => {
  const alive = await pathAlive(asked).catch(() => false);
  return { step: 'timeout', hop: spec.name, found, blame: alive ? 'target' : 'path' };
};

/** How a look that may need a right ended. */
type Outcome = 'read' | 'denied' | 'failed';

const outcome = (reading: Reading<unknown>): Outcome =>
  reading.ok ? 'read' : reading.failure.step === 'permission' ? 'denied' : 'failed';

/** The three looks at a node through its agent. Each emits one fact, whatever happens, and never rejects. */
export const createLooks = (options: NodeProbeOptions, spec: AgentSpec, agent: Agent) => {
  const { clock, emit } = options;
  const node = options.spec.name;

  const told = (reply: Reply) =>
    emit({ kind: 'snapshot', node, asked: reply.asked, reading: { ok: true, value: snapshotOf(reply, spec, node) } });

  /** Resolves to whether the agent has answered; if not, `late` is called when it does. */
  const snap = async (timeout: number, late: () => void): Promise<boolean> => {
    const asked = clock.now();
    try {
      const reply = await agent.ask('snap', timeout, (whole) => {
        told(whole);
        late();
      });
      if (reply.complete) told(reply);
      else await overdue(asked);
      return reply.complete;
    } catch (error) {
      emit({ kind: 'snapshot', node, asked, reading: { ok: false, failure: failureOf(error, node) } });
      return true;
    }
  };

  /** The snapshot asked for at `asked` is late: what has come of it is told, or that nothing has. */
  const overdue = async (asked: number): Promise<void> => {
    const soFar = agent.pending('snap');
    if (soFar && soFar.sections.size > 0) return told(soFar);
    const failure = await silence(options, asked, `no answer within ${Math.round(clock.now() - asked)} ms`);
    emit({ kind: 'snapshot', node, asked, reading: { ok: false, failure } });
  };

  const dump = async (timeout: number): Promise<Outcome> => {
    const asked = clock.now();
    try {
      const reply = await agent.ask('dump', timeout);
      const reading = dumpOf(reply, node);
      emit({ kind: 'dump', node, asked, reading });
      return outcome(reading);
    } catch (error) {
      emit({ kind: 'dump', node, asked, reading: { ok: false, failure: failureOf(error, node) } });
      return 'failed';
    }
  };

  const conf = async (timeout: number): Promise<Outcome> => {
    try {
      const reply = await agent.ask('conf', timeout);
      const reading = configurationOf(reply, node);
      emit({ kind: 'configuration', node, reading });
      return outcome(reading);
    } catch (error) {
      emit({ kind: 'configuration', node, reading: { ok: false, failure: failureOf(error, node) } });
      return 'failed';
    }
  };

  return { snap, overdue, dump, conf };
};
