import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { visibleText } from '../cluster/visible-text.ts';
import { type LoginStory, loginAttempts } from './authentication.ts';
import type { Connection, Via } from './connection.ts';
import { messageOf, remoteError } from './failures.ts';
import { acceptHostKey, HostKeyRefused, judgePresentedKey } from './host-key.ts';
import type { Identities } from './identities.ts';
import type { KeyRing } from './key-ring.ts';
import { fingerprint, type KnownHost, keyTypeOf, preferredAlgorithms } from './known-hosts.ts';
import { readKnownHosts } from './known-hosts-files.ts';
import type { Prompts } from './prompts.ts';
import { RemoteError } from './remote.ts';
import type { HostSettings } from './ssh-config.ts';
import { ssh2Connection } from './ssh2-connection.ts';
import { dialTcp } from './tcp.ts';
import type { Timings } from './timings.ts';
import type { Trace } from './trace.ts';

/** What a login needs, whatever the transport. */
export type LoginOptions = {
  settings: HostSettings;
  identities: Identities;
  via: Via;
  /** Jump hosts are primed and watched more closely. */
  role: 'hop' | 'node';
  prompts: Prompts;
  ring: KeyRing;
  timings: Timings;
  signal: AbortSignal;
  /** Told about each passed step. */
  trace?: Trace | undefined;
};

/**
 * Connects and logs in with ssh2. An unknown host key is refused, asked about, and then the whole connection is made
 * again, since a person's thinking does not fit into a handshake. Rejects with a RemoteError, or the signal's reason.
 */
export const loginSsh2 = async (options: LoginOptions): Promise<Connection> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await loginOnce(options);
    } catch (error) {
      if (!(error instanceof HostKeyRefused)) throw error;
      if (attempt > 0) throw error.asRemoteError();
      await acceptHostKey(error, options);
    }
  }
};

const loginOnce = async (options: LoginOptions): Promise<Connection> => {
  const { settings, via, role, timings } = options;
  const known = await readKnownHosts(settings.knownHosts);
  const sock = await dialSock(options);
  const client = new ssh2.Client();
  // Without a listener any late error would end the process.
  client.on('error', () => {});
  sock.on('error', () => {});
  try {
    await handshakeAndLogin(client, sock, known, options);
    return ssh2Connection({ hop: settings.name, role, client, sock, via, interval: timings.keepalive[role].interval });
  } catch (error) {
    client.end();
    sock.destroy();
    throw error;
  }
};

const dialSock = async ({ settings, via, timings, signal, trace }: LoginOptions): Promise<Duplex> => {
  const { host, port, name } = settings;
  if (via === null) return await dialTcp(name, host, port, { signal, trace, ...timings });
  const asked = performance.now();
  const deadline = AbortSignal.timeout(timings.tcp);
  try {
    const sock = await via.dial(host, port, AbortSignal.any([signal, deadline]), name);
    trace?.({ host: name, step: 'tcp', ms: performance.now() - asked, detail: `${host}:${port}` });
    return sock;
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw error;
    const lost = via.lost();
    if (lost) throw new RemoteError(lost);
    const blame = via.heard() >= asked ? 'target' : 'path';
    throw remoteError('tcp', name, `${host}:${port} did not answer within ${timings.tcp} ms`, { blame });
  }
};

const handshakeAndLogin = (client: Client, sock: Duplex, known: KnownHost[], options: LoginOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    const { settings, identities, timings, role } = options;
    const hop = settings.name;
    const attempt = new AbortController();
    const signal = AbortSignal.any([options.signal, attempt.signal]);
    const story: LoginStory = { offered: [], asking: false, methods: null };
    let accepted: Buffer | undefined;
    let hostKeyProblem: Error | undefined;
    let phase: 'handshake' | 'auth' = 'handshake';
    let since = performance.now();
    const passed = (step: 'host-key' | 'auth', detail: string) => {
      options.trace?.({ host: hop, step, ms: performance.now() - since, detail: visibleText(detail, 200) });
      since = performance.now();
    };
    let timer = setTimeout(() => fail(silent()), timings.handshake);

    const silent = (): Error => {
      const found =
        phase === 'handshake'
          ? `connected, but no SSH key exchange within ${timings.handshake} ms`
          : `no answer to the login within ${timings.auth} ms`;
      return remoteError('timeout', hop, found, { blame: 'target' });
    };
    const settle = () => {
      clearTimeout(timer);
      attempt.abort(new Error('the login is over'));
      options.signal.removeEventListener('abort', onAbort);
      client.removeListener('error', onError);
      client.removeListener('close', onClose);
    };
    const fail = (error: unknown) => {
      settle();
      reject(error);
    };
    const waitForAuth = () => {
      if (attempt.signal.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(() => (story.asking ? waitForAuth() : fail(silent())), timings.auth);
    };
    const onAbort = () => fail(options.signal.reason);
    const onError = (error: Error & { level?: string }) => {
      // An agent that fails is one failed attempt of several; the others still run.
      if (error.level !== 'agent') fail(hostKeyProblem ?? loginError(error, phase, story, options));
    };
    const onClose = () =>
      fail(hostKeyProblem ?? loginError(new Error('the server closed the connection'), phase, story, options));

    options.signal.addEventListener('abort', onAbort, { once: true });
    client.on('error', onError);
    client.on('close', onClose);
    client.on('handshake', () => {
      if (phase === 'auth') return;
      phase = 'auth';
      waitForAuth();
    });
    client.on('ready', () => {
      settle();
      passed('auth', `${settings.user}, ${takenKey(story)}`);
      resolve();
    });

    const attempts = loginAttempts({ ...options, identities, signal, story, answered: () => waitForAuth() });
    const config: ConnectConfig = {
      sock,
      username: settings.user,
      readyTimeout: 0,
      keepaliveInterval: timings.keepalive[role].interval,
      keepaliveCountMax: timings.keepalive[role].count,
      algorithms: {
        serverHostKey: preferredAlgorithms(known, settings.hostKeyAlias ?? settings.host, settings.port) as never,
      },
      hostVerifier: (key: Buffer): boolean => {
        // Called again at every rekeying: then it has to be the same key.
        if (accepted) return accepted.equals(key);
        hostKeyProblem = judgePresentedKey(key, known, settings);
        if (hostKeyProblem) return false;
        accepted = key;
        passed('host-key', `${keyTypeOf(key)} ${fingerprint(key)}`);
        return true;
      },
      authHandler: (left, _partial, next) => {
        waitForAuth();
        attempts.next({ left: left ?? null }).then(
          (step) => {
            if (!signal.aborted) next(step.done ? (false as never) : step.value);
          },
          (error: unknown) => fail(remoteError('auth', hop, messageOf(error))),
        );
      },
    };
    try {
      client.connect(config);
    } catch (error) {
      fail(remoteError('channel', hop, messageOf(error)));
    }
  });

/** Which of the keys offered was taken, and how many were not. */
const takenKey = ({ offered }: LoginStory): string => {
  const taken = offered.at(-1);
  if (taken === undefined) return 'without a key';
  return `key ${taken}${offered.length > 1 ? `, after ${offered.length - 1} that were refused` : ''}`;
};

const loginError = (
  error: Error & { level?: string },
  phase: string,
  story: LoginStory,
  options: LoginOptions,
): Error => {
  const { settings, via, identities } = options;
  const lost = via?.lost();
  if (lost) return new RemoteError(lost);
  if (story.asking) {
    return remoteError('auth', settings.name, 'the server did not wait for the answer to its question', {
      advice: 'connect again when somebody is there to answer',
    });
  }
  if (story.unanswered) {
    // The question stands last: a word after it would look like an answer to it.
    const tried = story.offered.length > 0 ? `refused ${story.offered.join(', ')}; ` : '';
    return remoteError('auth', settings.name, `${tried}nobody answered: ${story.unanswered}`, {
      advice: 'run the console to be asked, or load the key into ssh-agent (ssh-add)',
    });
  }
  const refused = error.level === 'client-authentication' || /too many authentication/i.test(error.message);
  if (refused) return refusedLogin(settings, story, identities);
  const advice = /no matching|no common|unsupported/i.test(error.message)
    ? { advice: 'the server wants algorithms that only OpenSSH has: set ssh.transport: openssh' }
    : {};
  const during = phase === 'handshake' ? 'during the key exchange' : 'during the login';
  const step = phase === 'handshake' && advice.advice ? 'config' : 'lost';
  return remoteError(step, settings.name, `the connection broke ${during} (${error.message})`, {
    blame: 'target',
    ...advice,
  });
};

const refusedLogin = (settings: HostSettings, story: LoginStory, identities: Identities): RemoteError => {
  const keys = story.offered.length === 0 ? 'no key to offer' : `refused ${story.offered.join(', ')}`;
  const methods = story.methods ? `; the server allows ${story.methods.join(', ')}` : '';
  const advice =
    identities.remarks.length > 0
      ? identities.remarks.slice(0, 3).join('; ')
      : 'check the user, ssh-add -l, and ssh.identity';
  return remoteError('auth', settings.name, `${settings.user}@${settings.host}: ${keys}${methods}`, { advice });
};
