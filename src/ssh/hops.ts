import type { SshTarget } from '../config/cluster-config.ts';
import { remoteError } from './failures.ts';

/**
 * Parses the hops of a ProxyJump: `host`, `user@host:port`, `user@[2001:db8::1]:port`, `ssh://user@host:port`. Throws a RemoteError
 * with step `config` for anything else. `owner` is the host whose ssh_config said it.
 */
export const parseHops = (specs: string[], owner: string): SshTarget[] => specs.map((spec) => parseHop(spec, owner));

const parseHop = (spec: string, owner: string): SshTarget => {
  const match =
    /^(?:ssh:\/\/)?(?:(?<user>[^@\s]+)@)?(?:\[(?<six>[0-9A-Fa-f:.%a-z]+)\]|(?<host>[^@\s:[\]]+))(?::(?<port>\d{1,5}))?\/?$/.exec(
      spec.trim(),
    );
  const host = match?.groups?.six ?? match?.groups?.host;
  const port = match?.groups?.port === undefined ? undefined : Number(match.groups.port);
  if (!match || !host || host.startsWith('-') || (port !== undefined && (port < 1 || port > 65_535))) {
    throw remoteError('config', owner, `ProxyJump in ssh_config is not understood: ${spec}`);
  }
  const user = match.groups?.user;
  return { name: host, host, ...(user ? { user } : {}), ...(port === undefined ? {} : { port }) };
};
