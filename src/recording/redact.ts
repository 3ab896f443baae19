/** What stands where a secret stood. */
export const REMOVED = '[removed]';

/**
 * Secrets that can turn up in text from nodes: keepalived's password, passwords and tokens given by name, credentials in URLs and
 * HTTP headers, private keys. No pattern reaches over a quote or a backslash, so that they hold in JSON text too.
 */
const patterns: [RegExp, string][] = [
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s:,-]|\\[nrt])*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|(?=["']|\\[^nrt]|$))/g,
    REMOVED,
  ],
  [/\b(auth_pass\s+)(?!\[removed\])[^\s"'\\}]+/gi, `$1${REMOVED}`],
  [/\b((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key)\s*[=:]\s*)(?!\[removed\])[^\s"'\\,;&}]+/gi, `$1${REMOVED}`],
  [
    /\b((?:proxy-)?authorization\s*:\s*(?:[a-z]+\s+(?=[^\s"'\\]))?)(?!(?:[a-z]+\s+)?\[removed\])[^\s"'\\]+/gi,
    `$1${REMOVED}`,
  ],
  [/\b((?:set-)?cookie\s*:\s*)(?!\[removed\])[^\s"'\\][^"'\\\n]*/gi, `$1${REMOVED}`],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?!\[removed\])[^\s"'\\/@]+@/gi, `$1${REMOVED}@`],
];

const suspicious = /PRIVATE KEY|auth_pass|pass|secret|token|api[_-]?key|authorization|cookie|:\/\/[^\s/]+@/i;

/** The text without secrets. */
export const redacted = (text: string): string => {
  if (!suspicious.test(text)) return text;
  let result = text;
  for (const [pattern, instead] of patterns) result = result.replace(pattern, instead);
  return result;
};

/** A JSON value without secrets in any of its strings; the same object when there were none. */
export const withoutSecrets = <T>(value: T): T => {
  if (typeof value === 'string') return redacted(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const next = value.map(withoutSecrets);
    return next.some((one, index) => one !== value[index]) ? (next as T) : value;
  }
  let changed: Record<string, unknown> | undefined;
  for (const [key, one] of Object.entries(value)) {
    const next = withoutSecrets(one);
    if (next === one) continue;
    changed ??= { ...(value as Record<string, unknown>) };
    changed[key] = next;
  }
  return (changed as T) ?? value;
};
