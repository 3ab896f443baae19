import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { keyTypeOf } from './known-hosts.ts';

/** What a private key file turned out to be. */
export type KeyFile =
  | { kind: 'missing' }
  /** Only the public key: an agent holds the private one. */
  | { kind: 'public'; publicBlob: Buffer }
  | { kind: 'unreadable'; why: string }
  /** A key that ssh2 cannot use, but OpenSSH can: FIDO, or a format it does not read. */
  | { kind: 'foreign'; why: string; advice?: string }
  | { kind: 'open'; key: ParsedKey; publicBlob: Buffer }
  /** `publicBlob` is absent for old PEM files without a `.pub` beside them. */
  | { kind: 'locked'; text: string; publicBlob?: Buffer };

/** Reads a private key file without asking anybody. Never rejects. */
export const readKeyFile = async (file: string): Promise<KeyFile> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'unreadable', why: code };
    const alone = await publicFile(`${file}.pub`);
    return alone ? { kind: 'public', publicBlob: alone } : { kind: 'missing' };
  }
  const itself = publicLine(text);
  if (itself) return { kind: 'public', publicBlob: itself };
  const publicBlob = publicPart(text) ?? (await publicFile(`${file}.pub`));
  if (publicBlob && keyTypeOf(publicBlob).startsWith('sk-')) return { kind: 'foreign', why: 'a FIDO security key' };
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text))
    return { kind: 'locked', text, ...(publicBlob ? { publicBlob } : {}) };
  const parsed = unlock(text);
  if (parsed.ok) return { kind: 'open', key: parsed.key, publicBlob: parsed.key.getPublicSSH() };
  if (/encrypted/i.test(parsed.why) || /Proc-Type: 4,ENCRYPTED/.test(text)) {
    return { kind: 'locked', text, ...(publicBlob ? { publicBlob } : {}) };
  }
  return {
    kind: 'foreign',
    why: `a key format this program cannot read (${parsed.why})`,
    advice: `convert a copy with: ssh-keygen -p -f ${file}`,
  };
};

/** Parses a private key, with its passphrase when it is locked. PKCS#8 RSA and EC keys are converted first: ssh2 cannot read them. */
export const unlock = (
  text: string,
  passphrase?: string,
): { ok: true; key: ParsedKey } | { ok: false; why: string } => {
  let pem = text;
  if (/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)) {
    try {
      const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
      const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : undefined;
      if (type === undefined) return { ok: false, why: `PKCS#8 with ${key.asymmetricKeyType ?? 'an unknown type'}` };
      pem = key.export({ format: 'pem', type }).toString();
    } catch {
      return { ok: false, why: 'wrong passphrase or damaged key' };
    }
  }
  const parsed =
    passphrase === undefined || pem !== text ? ssh2.utils.parseKey(pem) : ssh2.utils.parseKey(pem, passphrase);
  const key = Array.isArray(parsed) ? (parsed as ParsedKey[])[0] : parsed;
  if (key === undefined) return { ok: false, why: 'no key inside' };
  if (key instanceof Error) return { ok: false, why: key.message };
  return key.isPrivateKey() ? { ok: true, key } : { ok: false, why: 'a public key, not a private one' };
};

const magic = 'openssh-key-v1\0';

/** The public key that stands in clear text in an OpenSSH private key file (PROTOCOL.key), encrypted or not. */
const publicPart = (text: string): Buffer | undefined => {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  try {
    if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
    let at = magic.length;
    // cipher, kdf and kdf options come before the number of keys
    for (let field = 0; field < 3; field++) at += 4 + bytes.readUInt32BE(at);
    at += 4;
    const length = bytes.readUInt32BE(at);
    const blob = bytes.subarray(at + 4, at + 4 + length);
    return keyTypeOf(blob) === '' ? undefined : Buffer.from(blob);
  } catch {
    return undefined;
  }
};

const publicFile = async (file: string): Promise<Buffer | undefined> => {
  return publicLine(await readFile(file, 'utf8').catch(() => ''));
};

const publicLine = (text: string): Buffer | undefined => {
  const [type, base64] = text.trim().split(/\s+/, 2);
  const blob = Buffer.from(base64 ?? '', 'base64');
  return type && keyTypeOf(blob) === type ? blob : undefined;
};
