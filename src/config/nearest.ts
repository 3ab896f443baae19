/** Edits (insert, delete, replace, swap of neighbours) between two short words, case ignored. */
const distance = (left: string, right: string): number => {
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const best = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + change);
      rows[i]![j] = swapped ? Math.min(best, cell(i - 2, j - 2) + 1) : best;
    }
  }
  return cell(a.length, b.length);
};

/** The known word that was probably meant, or nothing when none is near (more than a third of its letters differ). */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const squash = (text: string): string => text.toLowerCase().replaceAll(/[-_ ]/g, '');
  const typed = squash(word.slice(0, 64));
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(typed, squash(candidate)) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
};
