import ssh2 from 'ssh2';

/** An ed25519 key pair in OpenSSH's own formats. */
export type KeyPair = { private: string; public: string };

/**
 * Makes a key for this run of the demo; none is ever kept. One in some 180 that ssh2 1.17 writes cannot be read again
 * (a key that begins with a zero byte loses it), so what was made is read before it is used.
 */
export const makeKey = (comment: string): KeyPair => {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (!(ssh2.utils.parseKey(key.private) instanceof Error)) return key;
  }
};

/** `ssh-ed25519 AAAA…` without the comment, as known_hosts holds it. */
export const publicPart = (key: KeyPair): string => key.public.split(' ').slice(0, 2).join(' ');
