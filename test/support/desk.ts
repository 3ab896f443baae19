/** The action desk on a scene: a state that facts make, a node whose commands a test answers, time that a test moves. */

import { TURN_COMMAND } from '../../src/actions/turn.ts';
import type { RestoreTimer } from '../../src/cluster/action.ts';
import type { Event, Fact } from '../../src/cluster/events.ts';
import type { Failure } from '../../src/cluster/failure.ts';
import type { State } from '../../src/cluster/state.ts';
import { parseCluster } from '../../src/config/load.ts';
import { createActionDesk } from '../../src/session/action-desk.ts';
import { createBusy } from '../../src/session/busy.ts';
import { type ExecResult, type Remote, RemoteError, type RemoteStream } from '../../src/ssh/remote.ts';
import { FakeClock } from './fake-clock.ts';
import { Scene, tutorialTopology } from './scene.ts';

/** What a node answers to one command line. A function may change the world first. */
export type Answer = Partial<ExecResult> | ((command: string) => Partial<ExecResult> | Promise<Partial<ExecResult>>);

export const lost: Failure = { step: 'lost', hop: 'bastion', found: 'connection lost', blame: 'path' };

/** Throws as a connection does that breaks while a command runs. */
export const breaks = (): never => {
  throw new RemoteError(lost);
};

const config = parseCluster(
  `name: tutorial
vips: [172.16.249.80, 172.16.249.90, 172.16.249.100]
loadBalancers: [{ name: lb1, address: 172.16.249.101 }, { name: lb2, address: 172.16.249.102 }]
webNodes: [{ name: web1, address: 172.16.249.201 }, { name: web2, address: 172.16.249.202 }]`,
  { label: 'test.yaml', directory: '/', home: '/home/ops' },
);

export class DeskRig {
  readonly scene: Scene;
  readonly clock: FakeClock;
  readonly facts: Fact[] = [];
  readonly ran: string[] = [];
  /** Nodes that the desk wanted a look at. */
  readonly refreshed: string[] = [];
  readonly end = new AbortController();
  /** Why nothing can be recorded, where that is required. */
  unrecorded: string | null = null;
  /** By the beginning of the command line, the first that fits; what no test wrote down fails the test. */
  answers: [RegExp, Answer][] = [
    [/^id -u$/, { stdout: '1000\n' }],
    [/^id -un$/, { stdout: 'ops\n' }],
    [/^env LC_ALL=C sudo -n -ll/, { stdout: '' }],
    [/^sudo -n -l /, { stdout: 'yes\n' }],
  ];
  /** A node that does not answer when it is asked for a look. */
  silent = new Set<string>();
  /** Nodes on which another action has the turn. */
  taken = new Set<string>();
  /** Turns that are held now, by node, in the order in which they were taken. */
  readonly turns: string[] = [];
  /** Restore timers as the nodes show them. */
  timers: Record<string, RestoreTimer> = {};
  readonly desk: ReturnType<typeof createActionDesk>;
  #listeners = new Set<(event: Event) => void>();

  /** `unread`: the files of keepalived are still under way, as right after the start. */
  constructor(over: Partial<State['topology']> = {}, unread = false) {
    this.scene = new Scene({ ...tutorialTopology, ...over }).healthy();
    const failure: Failure = { step: 'permission', hop: 'lb', found: 'no right', blame: 'target' };
    if (!unread)
      for (const node of ['lb1', 'lb2'])
        this.scene.send({ kind: 'configuration', node, reading: { ok: false, failure } });
    this.clock = new FakeClock(this.scene.now);
    this.desk = createActionDesk({
      busy: createBusy(),
      config,
      network: { remote: (name) => this.#remote(name) },
      clock: this.clock,
      signal: this.end.signal,
      author: 'ops@laptop',
      record: {
        objection: () => this.unrecorded,
        saved: async () => this.unrecorded,
        cleared: async () => this.unrecorded,
      },
      state: () => this.scene.state,
      dispatch: (fact) => this.dispatch(fact),
      onEvent: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      refresh: (node) => {
        this.refreshed.push(node);
        this.look(node);
      },
      readDeep: () => {},
    });
  }

  dispatch(fact: Fact): void {
    this.facts.push(fact);
    this.scene.now = this.clock.now();
    this.scene.send(fact);
    for (const listener of this.#listeners) listener({ ...fact, at: this.scene.state.now });
  }

  /** A look at a node, asked for now and answered now. */
  look(node: string): void {
    if (this.silent.has(node)) return;
    const asked = this.clock.now();
    queueMicrotask(() => {
      const value = {
        ...this.scene.snapshotOf(node),
        restore: { ok: true as const, value: this.timers[node] ?? null },
      };
      this.dispatch({ kind: 'snapshot', node, asked, reading: { ok: true, value } });
    });
  }

  /** Lets time pass: a tick each 250 ms, a look at everything each second. */
  async pass(ms: number): Promise<void> {
    for (let gone = 0; gone < ms; gone += 250) {
      await this.clock.advance(250);
      this.dispatch({ kind: 'tick' });
      if (gone % 1000 === 0) for (const { name } of this.scene.state.topology.nodes) this.look(name);
    }
    await this.clock.advance(0);
  }

  /** Waits for what was begun, letting time pass meanwhile. */
  async settle<T>(work: Promise<T>, most = 60_000): Promise<T> {
    let done = false;
    void work.finally(() => {
      done = true;
    });
    for (let gone = 0; !done && gone < most; gone += 250) await this.pass(250);
    if (!done) throw new Error(`still waiting after ${most} ms`);
    return work;
  }

  /** The commands that were run and do not only ask. */
  get wrote(): string[] {
    return this.ran.filter(
      (one) => !/^(id|env|command -v|sudo -n -l|systemd-run --version|systemctl show)\b/.test(one),
    );
  }

  /** What `flock` does on a node: says that it holds the lock until it is closed, or ends with 1. */
  #turn(name: string): RemoteStream {
    const free = !this.taken.has(name);
    const end = Promise.withResolvers<{ code: number | null }>();
    if (free) this.turns.push(name);
    else end.resolve({ code: 1 });
    return {
      write: () => {},
      onData: (listener) => {
        if (free) queueMicrotask(() => listener(Buffer.from('haconsole-turn-held\n')));
      },
      onStderr: () => {},
      closed: end.promise,
      close: () => {
        const at = this.turns.indexOf(name);
        if (at >= 0) this.turns.splice(at, 1);
        end.resolve({ code: 0 });
      },
    };
  }

  #remote(name: string): Remote {
    return {
      name,
      open: async (command) => {
        if (command !== TURN_COMMAND) throw new Error(`no action opens ${command}`);
        return this.#turn(name);
      },
      exec: async (command) => {
        this.ran.push(command);
        const answer = this.answers.find(([start]) => start.test(command))?.[1];
        if (!answer) throw new Error(`nobody said what ${name} answers to: ${command}`);
        const result = typeof answer === 'function' ? await answer(command) : answer;
        return { code: 0, stdout: '', stderr: '', truncated: false, ...result };
      },
    };
  }
}
