import ssh2 from 'ssh2';

/** An ed25519 key pair in OpenSSH's own formats. */
export type KeyPair = { private: string; public: string };

/** Makes a key for this run of the demo; none is ever kept. */
export const makeKey = (comment: string): KeyPair => ssh2.utils.generateKeyPairSync('ed25519', { comment });

/** `ssh-ed25519 AAAA…` without the comment, as known_hosts holds it. */
export const publicPart = (key: KeyPair): string => key.public.split(' ').slice(0, 2).join(' ');
