import type { SshTarget } from '../config/cluster-config.ts';
import { resolveHost, type SshConfigContext } from '../ssh/ssh-config.ts';

/** What a cluster file says of SSH to a node, where ssh_config alone would not do. */
export type WaySettings = { user?: string; port?: number; identity?: string[]; hostKeyAlias?: string };

/** How one host of the command line is reached, ssh_config read: what the address alone would need to be reached the same way. */
export type Way = {
  /** As it was given: an alias, a name or an address. */
  host: string;
  target: SshTarget;
  /** HostName of ssh_config, or the same as given. */
  address: string;
  settings: WaySettings;
  /** known_hosts files, where those of the address alone are others. */
  knownHosts?: string[];
  /** Hops that ssh_config wants for this host. */
  proxyJump: string[];
};

const same = (one: readonly string[], two: readonly string[]): boolean => one.join('\n') === two.join('\n');

/** Reads ssh_config for a host of the command line. Rejects with a RemoteError, step `config`. */
export const wayTo = async (target: SshTarget, context: SshConfigContext): Promise<Way> => {
  const full = await resolveHost(target, context);
  // The file names the address: blocks of ssh_config for the alias do not hold for that.
  const bare = await resolveHost({ name: target.name, host: full.host }, context);
  return {
    host: target.name,
    target,
    address: full.host,
    settings: {
      ...(full.user === '' ? {} : { user: full.user }),
      ...(full.port === bare.port ? {} : { port: full.port }),
      ...(same(full.identityFiles, bare.identityFiles) ? {} : { identity: full.identityFiles }),
      ...(full.hostKeyAlias === bare.hostKeyAlias || full.hostKeyAlias === undefined
        ? {}
        : { hostKeyAlias: full.hostKeyAlias }),
    },
    ...(same(full.knownHosts, bare.knownHosts) ? {} : { knownHosts: full.knownHosts }),
    proxyJump: full.proxyJump,
  };
};

/** What one way needs beside the usual one. */
export const differences = (way: Way, usual: Way | undefined): WaySettings => {
  const base = usual?.settings ?? {};
  const { user, port, identity, hostKeyAlias } = way.settings;
  return {
    ...(user === undefined || user === base.user ? {} : { user }),
    ...((port ?? 22) === (base.port ?? 22) ? {} : { port: port ?? 22 }),
    ...(identity === undefined || same(identity, base.identity ?? []) ? {} : { identity }),
    // A key's name belongs to one host: it never stands for all of them.
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
  };
};
