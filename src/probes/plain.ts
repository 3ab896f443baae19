/**
 * Text from a node or a server made fit for one line of a message: control characters, bidi overrides and other invisible
 * marks become `�`, white space one blank, and what is longer than `max` characters is cut.
 */
export const plain = (text: string, max = 200): string => {
  const clean = text
    .slice(0, max * 4)
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu, '�')
    .trim();
  const letters = [...clean];
  return letters.length > max ? `${letters.slice(0, max - 1).join('')}…` : clean;
};
