/** Addresses in few words: the first in full, those of the same /24 by their last part (`172.16.249.80 .90 .100`). */
export const vipNames = (addresses: string[]): string => {
  const [first, ...rest] = addresses;
  if (first === undefined) return '';
  const prefix = first.slice(0, first.lastIndexOf('.') + 1);
  return [
    first,
    ...rest.map((other) => (prefix && other.startsWith(prefix) ? `.${other.slice(prefix.length)}` : other)),
  ].join(' ');
};
