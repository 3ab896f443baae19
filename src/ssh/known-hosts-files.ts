import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type KnownHost, keyTypeOf, knownHostName, parseKnownHosts } from './known-hosts.ts';

/** Reads several known_hosts files in order; a missing or unreadable file is empty, as for OpenSSH. */
export const readKnownHosts = async (files: string[]): Promise<KnownHost[]> => {
  const read = async (file: string) => parseKnownHosts(await readFile(file, 'utf8').catch(() => ''), file);
  return (await Promise.all(files.map(read))).flat();
};

/**
 * Files a key that a person has accepted. One append of one line, after a line break if the file ends without one;
 * the file is made for its owner only. Rejects when it cannot be written.
 */
export const appendKnownHost = async (
  file: string,
  key: { host: string; port: number; blob: Buffer; hashed: boolean },
): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const separator = size > 0 && last.toString() !== '\n' ? '\n' : '';
    const name = knownHostName(key.host, key.port);
    const shown = key.hashed ? hashedName(name) : name;
    await handle.appendFile(`${separator}${shown} ${keyTypeOf(key.blob)} ${key.blob.toString('base64')}\n`);
  } finally {
    await handle.close();
  }
};

const hashedName = (name: string): string => {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
};
