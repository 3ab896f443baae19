import type { Duplex } from 'node:stream';
import type { Failure } from '../cluster/failure.ts';
import type { ExecResult, RemoteStream } from './remote.ts';

/** One login on one host, over whichever transport. It is never repaired: when it is lost, a new one is made. */
export type Connection = {
  readonly transport: 'ssh2' | 'openssh';
  /** As `Remote.exec`. */
  exec(command: string, options: { signal: AbortSignal; input?: string; maxBytes?: number }): Promise<ExecResult>;
  /** As `Remote.open`. */
  open(command: string, options: { signal: AbortSignal }): Promise<RemoteStream>;
  /** TCP from this host onwards; `hop` names the destination in failures. As `Network.dial`. */
  dial(host: string, port: number, signal: AbortSignal, hop?: string): Promise<Duplex>;
  /** Round trip in ms; rejects with the signal's reason, or with a RemoteError when the connection is lost. */
  ping(signal: AbortSignal): Promise<number>;
  /** Mono ms of the last bytes from the other side: proof of life. */
  heard(): number;
  /** Set once the connection is lost or closed. */
  lost(): Failure | undefined;
  /** Resolves once, with why it ended. */
  readonly closed: Promise<Failure>;
  /** Ends it now. Never waits for the other side. */
  close(): void;
};

/** A connection with what blame needs: whether the way to it is known to be alive. */
export type Via = Connection | null;

/**
 * Who is to blame when a host is silent since `since` (mono ms): the host itself if the hop before it was heard from
 * meanwhile, the path otherwise. Without a hop there is no way that could be broken but the host's own.
 */
export const blameForSilence = (via: Via, since: number): Failure['blame'] =>
  via === null || (via.lost() === undefined && via.heard() >= since) ? 'target' : 'path';

/**
 * Who is to blame when a connection has gone silent: the host only where the hop before it was heard from a keepalive
 * `interval` (ms) after the host's last sign of life.
 */
export const blameForGoneSilent = (
  role: 'hop' | 'node',
  via: Via,
  heard: number,
  interval: number,
): Failure['blame'] => (role === 'hop' ? 'path' : blameForSilence(via, heard + interval));
