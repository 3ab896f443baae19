/** What must never reach a terminal as it is: controls, bidi and zero-width signs, private use, lone surrogates, flags, swatches. */
const unsafe =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Regional_Indicator}\p{Emoji_Modifier}]|\u20e3/gu;
const plain = /^[\x20-\x7e]*$/;
/** A third and further combining mark on one sign ("zalgo") would be drawn over the rows above and below. */
const tooManyMarks = /(?<=\p{M}{2})\p{M}+/gu;

const escaped = (sign: string): string => {
  const code = sign.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
};

/**
 * Text from outside made fit to be shown on one line: every control sign, escape, line break and bidi or zero-width sign
 * appears as `\x1b`, `\u{202e}`, …; tabs are spaces; nothing after `limit` UTF-16 units is looked at (`…` tells so).
 */
export const visibleText = (text: string, limit = 1000): string => {
  const bounded = text.length > limit ? `${text.slice(0, limit).toWellFormed()}…` : text;
  if (plain.test(bounded)) return bounded;
  return bounded.replaceAll('\t', ' ').replace(unsafe, escaped).replace(tooManyMarks, '');
};
