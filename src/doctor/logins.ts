import type { Link } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Network } from '../ssh/remote.ts';
import type { Timings } from '../ssh/timings.ts';
import type { Trace, TraceEvent } from '../ssh/trace.ts';
import type { Login } from './login.ts';

/** Shorter waits than the console's: whoever runs doctor sits there and waits. */
export const DOCTOR_TIMINGS: Partial<Timings> = { name: 3000, tcp: 4000, handshake: 5000, auth: 6000 };

/** Longest time until a login has come to something, ms: two hops that each take their time. */
const LONGEST = 20_000;

/** The logins on all hosts, as they come to something; each settles once and never rejects. */
export type Logins = {
  of(host: string): Promise<Login>;
  /** Hops that only ssh_config knows, once every login is settled. */
  hidden(): Promise<Login[]>;
};

/** Starts the network and follows every login on it. `connect` makes it, with the trace that is to be told of each step. */
export const followLogins = (
  config: ClusterConfig,
  connect: (trace: Trace) => Network,
  outer: AbortSignal,
): { network: Network; logins: Logins } => {
  const events: (TraceEvent & { at: number })[] = [];
  const began = performance.now();
  const signal = AbortSignal.any([outer, AbortSignal.timeout(LONGEST)]);
  const hosts: { name: string; role: Login['role'] }[] = [
    ...config.ssh.jump.map(({ name }) => ({ name, role: 'jump' as const })),
    ...config.nodes.map(({ name, role }) => ({ name, role })),
  ];
  const settled = new Map(hosts.map(({ name }) => [name, Promise.withResolvers<Login>()]));
  const lastHop = config.ssh.jump.at(-1)?.name;

  const passedOf = (host: string) => events.filter((event) => event.host === host);
  /** When the step that failed began: after the host's last step, or after the login on the hop before it. */
  const since = (host: string, role: Login['role']) =>
    Math.max(began, ...[...passedOf(host), ...(role === 'jump' ? [] : passedOf(lastHop ?? ''))].map(({ at }) => at));
  const settle = (host: string, failure?: Failure) => {
    const role = hosts.find(({ name }) => name === host)?.role ?? 'jump';
    const failedAfter = failure ? { failure, failedAfter: performance.now() - since(host, role) } : {};
    settled.get(host)?.resolve({ host, role, passed: passedOf(host), ...failedAfter });
  };
  signal.addEventListener('abort', () => {
    const found = outer.aborted ? 'doctor was ended' : `no login within ${LONGEST / 1000} s`;
    for (const { name } of hosts) settle(name, { step: 'timeout', hop: name, found, blame: 'path' });
  });

  const network = connect((event) => void events.push({ ...event, at: performance.now() }));
  network.onLink((name: string, link: Link) => {
    if (link.phase === 'up') settle(name);
    else if (link.phase !== 'connecting' && link.failure) settle(name, link.failure);
  });
  network.start();

  const of = (host: string): Promise<Login> =>
    settled.get(host)?.promise ?? Promise.resolve({ host, role: 'jump', passed: passedOf(host) });
  const hidden = async (): Promise<Login[]> => {
    const all = await Promise.all(hosts.map(({ name }) => of(name)));
    const failures = all.flatMap(({ failure }) => (failure ? [failure] : []));
    const strangers = new Set([...events.map(({ host }) => host), ...failures.map(({ hop }) => hop)]);
    return [...strangers]
      .filter((name) => !hosts.some((host) => host.name === name))
      .map((host) => {
        const failure = failures.find(({ hop }) => hop === host);
        return { host, role: 'jump', passed: passedOf(host), ...(failure ? { failure } : {}) };
      });
  };
  return { network, logins: { of, hidden } };
};
