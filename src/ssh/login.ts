import type { Connection } from './connection.ts';
import { remoteError } from './failures.ts';
import { loginOpenSsh, type OpenSshOptions, openSshAvailable } from './openssh-login.ts';
import { RemoteError } from './remote.ts';
import { type LoginOptions, loginSsh2 } from './ssh2-login.ts';

/**
 * Logs in on one host: with ssh2, or over the system's ssh where the cluster file says so or where ssh2 cannot
 * (certificates, FIDO keys, unreadable key formats, ProxyCommand, hosts known by a certificate authority only).
 */
export const login = async (options: AnyLogin): Promise<Connection> => {
  try {
    const asked = performance.now();
    const connection = await loginSomehow(options);
    if (connection.transport === 'openssh') {
      const detail = `${options.settings.user}, by the ssh program`;
      options.trace?.({ host: options.settings.name, step: 'login', ms: performance.now() - asked, detail });
    }
    if (options.role === 'hop') prime(connection, options);
    return connection;
  } catch (error) {
    // Whatever is wrong with a jump host says nothing about the cluster.
    if (options.role !== 'hop' || !(error instanceof RemoteError)) throw error;
    throw new RemoteError({ ...error.failure, blame: 'path' });
  }
};

type AnyLogin = LoginOptions & OpenSshOptions & { transport: 'auto' | 'ssh2' | 'openssh' };

/**
 * sshd before 10.1 switches Nagle off only when a session starts: one throw-away command on a jump host makes
 * everything behind it 7 times faster. It goes out before anything else on this connection; nothing waits for it.
 */
const prime = (connection: Connection, { signal, timings }: AnyLogin): void => {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timings.prime)]);
  connection.open('true', { signal: deadline }).then(
    (stream) => stream.onData(() => {}),
    () => {},
  );
};

const loginSomehow = async (options: AnyLogin): Promise<Connection> => {
  const { settings, identities, transport, via } = options;
  if (transport === 'openssh') return await loginOpenSsh(options);
  const proxy = via === null && settings.proxyCommand ? [{ why: 'a ProxyCommand in ssh_config', sure: true }] : [];
  const foreign = [...proxy, ...identities.foreign];
  // Asked only where it matters: it costs a fork, which the handshakes of all other hosts would wait for.
  const available = async () => transport === 'auto' && (await openSshAvailable(options.env));
  const reason = foreign.find(({ sure }) => sure)?.why;
  if (reason !== undefined && (await available())) {
    options.context.log(`${settings.name}: over the ssh program, because of ${reason}`);
    return await loginOpenSsh(options);
  }
  if (proxy.length > 0) {
    throw remoteError(
      'config',
      settings.name,
      'ssh_config has a ProxyCommand for this host, which needs the ssh program',
      {
        advice: 'install ssh and set ssh.transport: auto, or use ssh.jump',
      },
    );
  }
  try {
    return await loginSsh2(options);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const { failure } = error;
    const caOnly = failure.step === 'host-key' && /certificate authority only/.test(failure.found);
    if ((caOnly || (failure.step === 'auth' && foreign.length > 0)) && (await available())) {
      options.context.log(`${settings.name}: over the ssh program, because ${failure.found}`);
      return await loginOpenSsh(options);
    }
    if (failure.step !== 'auth' || foreign.length === 0) throw error;
    throw new RemoteError({
      ...failure,
      advice: `${foreign.map(({ why }) => why).join(', ')}: only the ssh program can use it; set ssh.transport: ${transport === 'auto' ? 'auto and install ssh' : 'auto'}`,
    });
  }
};
