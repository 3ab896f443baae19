import { dialStep, remoteError } from './failures.ts';
import type { RemoteError } from './remote.ts';
import type { HostSettings } from './ssh-config.ts';

/** What ssh said before it gave up, as a Failure. */
export const opensshError = (settings: HostSettings, stderr: string): RemoteError => {
  const { name } = settings;
  const lines = stderr
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^@+$/.test(line));
  const last = lines.at(-1) ?? 'ssh ended without a word';
  const find = (pattern: RegExp) => lines.find((line) => pattern.test(line));
  if (find(/HOST IDENTIFICATION HAS CHANGED|differs from the key/)) {
    const at = /(?:Offending .* key|key) in (\S+:\d+)/.exec(stderr)?.[1];
    return remoteError('host-key', name, `THE HOST KEY HAS CHANGED${at ? `: it is not the key in ${at}` : ''}`, {
      advice: `somebody may be listening in. If the host was reinstalled: check the fingerprint on it, then remove ${at ? `line ${at}` : 'the old line'}`,
    });
  }
  const revoked = find(/revoked/i);
  if (revoked) return remoteError('host-key', name, revoked, { advice: 'do not connect; ask who revoked it' });
  const hostKey = find(/Host key verification failed|host key is known|host certificate/i);
  if (hostKey) {
    return remoteError('host-key', name, hostKey, {
      advice: `run "ssh ${settings.alias}" once by hand, compare the fingerprint and accept it`,
    });
  }
  const config = find(/bad configuration option|bad owner or permissions|terminating, \d+ bad/i);
  if (config) return remoteError('config', name, config, { advice: 'correct the ssh_config file' });
  const auth = find(/Permission denied|Too many authentication failures|No supported authentication methods/);
  if (auth) {
    return remoteError('auth', name, auth, {
      advice: 'ssh asks nobody here (BatchMode): load the key into ssh-agent (ssh-add), renew an expired certificate',
    });
  }
  if (/ENOENT/.test(last)) {
    return remoteError('config', name, 'the ssh program was not found', {
      advice: 'install OpenSSH, or set ssh.transport: ssh2',
    });
  }
  const network = find(/connect to host|Could not resolve|timed out|Connection (refused|reset)|No route/i);
  if (network) {
    const { step, blame, found } = dialStep(network);
    return remoteError(step, name, found, { blame });
  }
  return remoteError('lost', name, last, { blame: 'target' });
};
