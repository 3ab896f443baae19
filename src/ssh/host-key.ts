import { messageOf, remoteError } from './failures.ts';
import { fingerprint, judgeHostKey, type KnownHost, keyTypeOf, knownHostName } from './known-hosts.ts';
import { appendKnownHost } from './known-hosts-files.ts';
import type { Prompts } from './prompts.ts';
import type { RemoteError } from './remote.ts';
import type { HostSettings } from './ssh-config.ts';

/** The key is not known: a person may accept it. */
export class HostKeyRefused extends Error {
  readonly settings: HostSettings;
  readonly blob: Buffer;
  /** `file:line` of another key of this host. */
  readonly other: string | undefined;

  constructor(settings: HostSettings, blob: Buffer, other: string | undefined) {
    super('unknown host key');
    this.settings = settings;
    this.blob = blob;
    this.other = other;
  }

  /** As a Failure, with the fingerprint and what to do. */
  asRemoteError(): RemoteError {
    const { name } = this.settings;
    const found = `unknown host key of ${this.address}: ${this.keyType} ${fingerprint(this.blob)}${this.other ? ` (another key is in ${this.other})` : ''}`;
    return remoteError('host-key', name, found, {
      advice: `compare the fingerprint with the host's own (ssh-keygen -lf on it), then accept it in the console or add it to ${this.file}`,
    });
  }

  /** Name and port as known_hosts writes them. */
  get address(): string {
    return knownHostName(this.settings.hostKeyAlias ?? this.settings.host, this.settings.port);
  }

  get keyType(): string {
    return keyTypeOf(this.blob)
      .replace(/^ssh-|^ecdsa-sha2-/, '')
      .toUpperCase();
  }

  /** Where an accepted key is written. */
  get file(): string {
    return this.settings.knownHosts[0] ?? '';
  }
}

/** Undefined when the key is good; else the error that ends the handshake. */
export const judgePresentedKey = (
  blob: Buffer,
  known: KnownHost[],
  settings: HostSettings,
): RemoteError | HostKeyRefused | undefined => {
  const host = settings.hostKeyAlias ?? settings.host;
  const verdict = judgeHostKey(known, host, settings.port, blob);
  const shown = `${keyTypeOf(blob)} ${fingerprint(blob)}`;
  switch (verdict.kind) {
    case 'ok':
      return undefined;
    case 'changed':
      return remoteError(
        'host-key',
        settings.name,
        `THE HOST KEY HAS CHANGED: ${shown} is not the key in ${verdict.at}`,
        {
          advice: `somebody may be listening in. If the host was reinstalled: check the fingerprint on it, then remove line ${verdict.at}`,
        },
      );
    case 'revoked':
      return remoteError('host-key', settings.name, `the host key is revoked: ${shown} (${verdict.at})`, {
        advice: `do not connect; ask who revoked it (${verdict.at})`,
      });
    case 'ca-only':
      return remoteError(
        'host-key',
        settings.name,
        `the host is known by a certificate authority only (${verdict.at})`,
        {
          advice: 'set ssh.transport: openssh (needs the ssh program), or add the host key itself to known_hosts',
        },
      );
    case 'unknown':
      return new HostKeyRefused(settings, blob, verdict.other);
  }
};

/** Asks about an unknown key and files it. Rejects with the Failure when it is not accepted, or cannot be written. */
export const acceptHostKey = async (
  refused: HostKeyRefused,
  { prompts, signal }: { prompts: Prompts; signal: AbortSignal },
): Promise<void> => {
  const { settings, blob } = refused;
  const print = fingerprint(blob);
  const keyType = refused.other
    ? `${refused.keyType} (another key of this host is in ${refused.other})`
    : refused.keyType;
  const answers = await prompts.ask(
    {
      kind: 'host-key',
      hop: settings.name,
      address: refused.address,
      keyType,
      fingerprint: print,
      knownHosts: refused.file,
    },
    signal,
  );
  signal.throwIfAborted();
  const answer = answers?.[0]?.trim();
  if (answer?.toLowerCase() !== 'yes' && answer !== print) throw refused.asRemoteError();
  try {
    await appendKnownHost(refused.file, {
      host: settings.hostKeyAlias ?? settings.host,
      port: settings.port,
      blob,
      hashed: settings.hashKnownHosts,
    });
  } catch (error) {
    throw remoteError(
      'host-key',
      settings.name,
      `the key could not be written to ${refused.file} (${messageOf(error)})`,
    );
  }
};
