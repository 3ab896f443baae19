import type { State } from '../../cluster/state.ts';

const letters = '123456789abcdefghijklmnopqrstuvwxyz';

/** One sign for each web node in the strip: the digit at its name's end where that tells them apart, else one by order. */
export const webSigns = (state: State): Map<string, string> => {
  const webs = state.topology.nodes.filter((node) => node.role === 'web').map((node) => node.name);
  const digits = webs.map((name) => /([0-9])$/.exec(name)?.[1]);
  const apart = digits.every((digit) => digit !== undefined) && new Set(digits).size === webs.length;
  return new Map(webs.map((name, index) => [name, (apart ? digits[index] : letters[index]) ?? '+']));
};
