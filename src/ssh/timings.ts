/** All waits of the SSH layer, ms unless said otherwise. */
export type Timings = {
  /** Name lookup of a jump host or node. */
  name: number;
  /** TCP connection, from here or through the hop before. */
  tcp: number;
  /** Greeting and key exchange. */
  handshake: number;
  /** Longest silence of the server during authentication; the time a person takes to answer does not count. */
  auth: number;
  /** The throw-away session that makes older sshd switch Nagle off. */
  prime: number;
  /** Interval and count: a silent connection is given up after interval × (count + 1). */
  keepalive: { hop: { interval: number; count: number }; node: { interval: number; count: number } };
  /** Time between two measurements of the round trip. */
  rtt: number;
  backoff: { first: number; max: number };
  /** A connection that lived this long starts the back-off afresh. */
  stable: number;
};

/** Defaults, measured: a hop is known dead after 9 s, a mute node after 15 s. */
export const defaultTimings: Timings = {
  name: 5_000,
  tcp: 5_000,
  handshake: 10_000,
  auth: 10_000,
  prime: 2_000,
  keepalive: { hop: { interval: 3_000, count: 2 }, node: { interval: 5_000, count: 2 } },
  rtt: 3_000,
  backoff: { first: 400, max: 30_000 },
  stable: 20_000,
};
