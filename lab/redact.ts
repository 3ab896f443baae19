import { readFile } from 'node:fs/promises';
import { secret } from './secrets.ts';

/** What stands in a captured file where a password was. */
export const REDACTED = 'REDACTED';

/** Takes VRRP passwords out of what keepalived prints, by the places where it prints them and by the lab's own value. */
export async function redact(text: string): Promise<string> {
  const own = (await readFile(secret.vrrp, 'utf8').catch(() => '')).trim();
  const placed = text
    .replace(/("auth_(?:data|pass)"\s*:\s*)"[^"]*"/g, `$1"${REDACTED}"`)
    .replace(/^(\s*(?:auth_pass|Password)\s*[=:]?\s*)\S.*$/gim, `$1${REDACTED}`);
  return own ? placed.replaceAll(own, REDACTED) : placed;
}
