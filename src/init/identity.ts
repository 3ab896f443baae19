import type { Page } from './seen.ts';

const squeezed = (text: string): string => text.replace(/\s+/gu, '');

/** Pieces of text between tags, as a reader of the page sees them. */
const piecesOf = (body: string): string[] =>
  body
    .slice(0, 65_536)
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, '\n')
    .replace(/<[^>]*>/g, '\n')
    .split('\n')
    .map((piece) => piece.replace(/\s+/gu, ' ').trim())
    // What a name could be: short, and without signs that need an entity or could mislead.
    .filter((piece) => /^[\p{L}\p{N} .,:_/#()[\]-]{4,60}$/u.test(piece));

/**
 * For each page a text that names its web node: in every answer of this node, in none of another one's, and no identity holds
 * another (white space ignored). Undefined where there is none.
 */
export const identitiesOf = (pages: readonly (Page | undefined)[]): (string | undefined)[] => {
  const chosen: (string | undefined)[] = [];
  for (const [index, page] of pages.entries()) {
    const [first = '', ...again] = page?.bodies ?? [];
    const others = pages.filter((_, at) => at !== index).flatMap((other) => other?.bodies ?? []);
    chosen.push(
      piecesOf(first).find((piece) => {
        const text = squeezed(piece);
        return (
          text.length >= 4 &&
          again.every((body) => squeezed(body).includes(text)) &&
          !others.some((body) => squeezed(body).includes(text)) &&
          !chosen.some((one) => one !== undefined && (text.includes(squeezed(one)) || squeezed(one).includes(text)))
        );
      }),
    );
  }
  return chosen;
};
