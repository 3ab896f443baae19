import { visibleText } from '../cluster/visible-text.ts';

/** Longest line that is shown, UTF-16 units. */
const LONGEST = 240;

/** What may stand before a secret; everything after it on the line becomes stars. */
const SECRETS: readonly RegExp[] = [
  /((?:^|[\s{"';])auth_(?:pass|data)\b\s*=?\s*)\S.*$/i,
  /(^\s*\$\w+=).+$/,
  /(\bauthorization\b["']?\s*[:=]?\s*)\S.*$/i,
  /(\b\w*(?:passw(?:or)?d|passphrase)["']?\s*[:= ]\s*)\S.*$/i,
  /(\b\w*(?:secret|token|api_?key)["']?\s*[:=]\s*)\S.*$/i,
  /((?:^|\s)(?:-u|--user|--proxy-user)[ =]?)\S+:.*$/,
  /(\w+:\/\/[^\s/:@]+:)[^\s/@]+@.*$/,
];

/** A line of a file as it may be shown: no secrets, no control characters, not too long. */
export const shownLine = (line: string): string =>
  visibleText(
    SECRETS.reduce((text, secret) => text.replace(secret, '$1****'), line.slice(0, 4 * LONGEST)).trim(),
    LONGEST,
  );
