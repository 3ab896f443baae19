import type { Duplex } from 'node:stream';
import type { Link } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';

/** A failed look or action, as an Error that carries the step and the hop. */
export class RemoteError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(`${failure.step} on ${failure.hop}: ${failure.found}`);
    this.failure = failure;
  }
}

/** `code` is the exit status; null with `signal` when a signal ended it. A lost connection is a RemoteError, never a result. */
export type ExecResult = { code: number | null; signal?: string; stdout: string; stderr: string; truncated: boolean };

/** A long-lived command: text in, bytes out. */
export type RemoteStream = {
  write(text: string): void;
  /** Called with raw bytes of stdout; at most one listener. */
  onData(listener: (chunk: Buffer) => void): void;
  onStderr(listener: (chunk: Buffer) => void): void;
  /** Resolves once: how it ended. `failure` is set when the connection was lost or the command failed to start. */
  closed: Promise<{ code: number | null; failure?: Failure }>;
  /** Closes stdin and the channel; what runs on the node ends with its stdin. Safe to call twice. */
  close(): void;
};

/**
 * Commands on one node. Both calls wait while the link is connecting, and reject at once with the link's own failure
 * while it is down; they reject with step `timeout` or the signal's reason when the signal fires first.
 */
export type Remote = {
  readonly name: string;
  exec(
    command: string,
    options: { signal: AbortSignal; input?: string /** default 1 MiB */; maxBytes?: number },
  ): Promise<ExecResult>;
  open(command: string, options: { signal: AbortSignal }): Promise<RemoteStream>;
};

/** What a person is asked. Headless: nobody is asked and the answer is null. Answers are secrets: never logged. */
export type Prompt =
  | { kind: 'host-key'; hop: string; address: string; keyType: string; fingerprint: string; knownHosts: string }
  | { kind: 'passphrase'; hop: string; file: string; again: boolean }
  | {
      kind: 'questions';
      hop: string;
      title: string;
      instruction: string;
      questions: { text: string; echo: boolean }[];
    };

/** Returns the answers in order (`['yes']` for a host key), or null when refused or nobody can be asked. */
export type Prompter = (prompt: Prompt, signal: AbortSignal) => Promise<string[] | null>;

/** All ways to the cluster: the jump hosts, a Remote for each node, TCP through the last hop. */
export type Network = {
  /** Starts connecting to the jump hosts and, as soon as they are up, to all nodes in parallel. Returns at once. */
  start(): void;
  /** The node must be known to the network. */
  remote(node: string): Remote;
  /** Adds a node found later (upstream servers, peers). */
  addNode(node: { name: string; address: string }): void;
  /**
   * A TCP connection from the last jump host (or from here when there is none, or when `direct`). Rejects with a RemoteError:
   * blame `target` when refused/unreachable there, `path` when the way is broken; the signal's reason when it fires first,
   * in which case a channel that comes late is closed.
   */
  dial(host: string, port: number, options: { signal: AbortSignal; direct?: boolean }): Promise<Duplex>;
  /** Round trip to the last jump host in ms (0 without one). Rejects with a RemoteError when it does not answer in time. */
  ping(options: { signal: AbortSignal }): Promise<number>;
  /** Every change of every link, jump hosts and nodes, by name. Returns the unsubscriber. */
  onLink(listener: (name: string, link: Link) => void): () => void;
  /** Tries again now, also where a person was needed. */
  retry(): void;
  close(): Promise<void>;
};
