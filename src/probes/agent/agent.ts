import type { Failure } from '../../cluster/failure.ts';
import { type Remote, RemoteError } from '../../ssh/remote.ts';
import type { Clock } from '../clock.ts';
import { plain } from '../plain.ts';
import { lineSplitter } from './lines.ts';
import { createReader, type Operation, type Reply, type StreamTag } from './protocol.ts';
import { agentCommand } from './script.ts';

/** Least time in ms that the shell on the node gets to say hello, handshake of the channel included. */
const HELLO = 5000;

/** What the agent needs. `onLine` and `onEnd` get what its streams push, until it is closed. */
export type AgentOptions = {
  remote: Remote;
  script: string;
  clock: Clock;
  signal: AbortSignal;
  onLine?: (stream: StreamTag, text: string) => void;
  onEnd?: (stream: StreamTag, rc: number) => void;
};

/** A live agent: one shell on one node. */
export type Agent = {
  /**
   * Puts a request. Resolves with the whole reply, or with what has come when `timeout` (ms) is over; rejects with a RemoteError
   * when the agent is gone. `late` is called if the whole reply comes after all.
   */
  ask(op: Operation, timeout: number, late?: (reply: Reply) => void): Promise<Reply>;
  /** What has come so far of the oldest request of this kind that is not answered. */
  pending(op: Operation): Reply | undefined;
  /** Resolves when it is gone or was closed, with the reason. */
  closed: Promise<Failure>;
  /** Resolves with true at its hello, false when it ended without. */
  ready: Promise<boolean>;
  /** Ends it; what it runs on the node ends too. */
  close(why?: string): void;
};

/**
 * Starts the agent on the node. Resolves as soon as the channel is open, so that requests travel with the script and a first
 * answer costs one round trip. Rejects with the RemoteError of the link.
 */
export const openAgent = async (options: AgentOptions): Promise<Agent> => {
  const { remote, script, clock, signal } = options;
  const stream = await remote.open(agentCommand(script), { signal });
  const waiting = new Map<number, { live: Reply; whole(reply: Reply): void; gone(error: RemoteError): void }>();
  let noise = '';
  let greeted = false;
  let next = 1;
  let ended: Failure | undefined;
  const hello = Promise.withResolvers<boolean>();
  const closed = Promise.withResolvers<Failure>();

  const reader = createReader(clock, {
    hello: () => {
      greeted = true;
      hello.resolve(true);
    },
    reply: (id, reply) => {
      waiting.get(id)?.whole(reply);
      waiting.delete(id);
    },
    line: (tag, text) => !ended && options.onLine?.(tag, text),
    end: (tag, rc) => !ended && options.onEnd?.(tag, rc),
    noise: (text) => {
      noise = `${noise} ${text}`.slice(0, 500);
    },
  });
  stream.onData(lineSplitter(reader.line));
  stream.onStderr((chunk) => {
    noise = `${noise} ${chunk.toString('utf8')}`.slice(-500);
  });

  // Whoever is first tells why: on a half-open link the channel's own end may be long in coming.
  const bury = (failure: Failure): void => {
    if (ended) return;
    ended = failure;
    timer.abort();
    signal.removeEventListener('abort', abandon);
    hello.resolve(false);
    const error = new RemoteError(failure);
    for (const { gone } of waiting.values()) gone(error);
    waiting.clear();
    closed.resolve(failure);
  };
  const end = (failure: Failure) => {
    if (!ended) quietly(() => stream.write('quit\n'));
    bury(failure);
    stream.close();
  };
  const close = (why = 'closed') => end({ step: 'lost', hop: remote.name, found: why, blame: 'path' });
  const abandon = () => close('abandoned');
  const timer = new AbortController();
  clock.sleep(HELLO, timer.signal).then(
    () => greeted || end(unstarted(remote.name, `no shell within ${HELLO} ms`, noise, 'path')),
    () => {},
  );
  signal.addEventListener('abort', abandon, { once: true });
  void stream.closed.then(({ code, failure }) => {
    const status = `ended with status ${code ?? 'unknown'}`;
    if (failure) return bury(failure);
    if (!greeted) return bury(unstarted(remote.name, `the shell ${status}`, noise, 'target'));
    return bury({ step: 'lost', hop: remote.name, found: `the shell on the node ${status}`, blame: 'target' });
  });
  stream.write(script);
  if (signal.aborted) abandon();

  const ask: Agent['ask'] = async (op, timeout, lateReply) => {
    if (ended) throw new RemoteError(ended);
    const id = next++;
    const live = reader.expect(id, op);
    const answer = Promise.withResolvers<Reply>();
    const deadline = new AbortController();
    waiting.set(id, { live, whole: answer.resolve, gone: answer.reject });
    stream.write(`${op} ${id}\n`);
    clock.sleep(timeout, deadline.signal).then(
      () => {
        waiting.set(id, { live, whole: (reply) => lateReply?.(reply), gone: () => {} });
        answer.resolve(copy(live));
      },
      () => {},
    );
    return answer.promise.finally(() => deadline.abort());
  };
  const pending: Agent['pending'] = (op) => {
    const oldest = [...waiting.values()].find(({ live }) => live.op === op);
    return oldest && copy(oldest.live);
  };
  return { ask, pending, closed: closed.promise, ready: hello.promise, close };
};

/** The reader goes on writing into what is not complete. */
const copy = (live: Reply): Reply => ({ ...live, sections: new Map(live.sections) });

const unstarted = (hop: string, found: string, noise: string, blame: Failure['blame']): Failure => {
  const said = plain(noise, 160);
  return {
    step: 'command',
    hop,
    found: said ? `${found}, it said: ${said}` : found,
    advice: 'haconsole needs an account with a POSIX shell and dd',
    blame,
  };
};

const quietly = (action: () => void) => {
  try {
    action();
  } catch {
    // The channel is gone: nothing is left to say goodbye to.
  }
};
