/** What a broken or hostile node can send, and how to tell that none of it reached the terminal as it is. */

/** One line with sequences that the console itself never sends: clipboard, title, colours, questions, modes, C1, bidi. */
export const EVIL =
  '\x1b]52;c;cGxhbnRlZA==\x07\x1b]0;owned\x1b\\\x1b[48;5;213mPLANTED\x1b[6n\x1b[3J\x1bc\x1b[?1000h\x1bP$q"p\x1b\\\x9b31m\x90q\x9c\u202eevil\u2066\x08\x0e\x7f\x00';

/** Everything that the terminal layer sends: cursor, erasing, colours of the theme, its modes, its question, CAN. */
const OWN =
  /\x1b\[(?:\d*;?\d*H|\d*[GKXJABCDd]|(?:(?:|0|1|2|7|22|27|39|49|3[0-7]|9[0-7])(?:;(?:|0|1|2|7|22|27|39|49|3[0-7]|9[0-7]))*)m|\?(?:1049|25|7|2004|2026)[hl]|5n)|\x18/g;

/** Bytes in what was written to a terminal that nobody of ours sends, with what stands around them; empty when all is well. */
export const foreign = (raw: string): string[] => {
  const found: string[] = [];
  const rest = raw.replace(OWN, '');
  for (const match of rest.matchAll(/[^\P{Cc}\r\n]|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\x1b/gu))
    found.push(JSON.stringify(rest.slice(Math.max(0, match.index - 30), match.index + 30)));
  // `3J` and `6n` have the form of our own.
  for (const planted of ['\x1b[3J', '\x1b[6n', '\x1b]', '\x1bP', '\x1bc'])
    if (raw.includes(planted)) found.push(JSON.stringify(planted));
  return found;
};
