import { createHash, type Hash } from 'node:crypto';

/** Length of a seal: SHA-256 in hex. */
const HEX = 64;
/** How a line that bears a seal ends: the seal is its last field. */
const TAIL = /,"h":"([0-9a-f]{64})"\}$/;

/**
 * The chain of seals of one file. A seal is the SHA-256 of the seal before it (in hex; empty before the first) and of every raw
 * byte since, up to its own `,"h":"`. No byte of a sealed file lies outside.
 */
export type Chain = {
  /** Takes raw bytes in. */
  add(bytes: Buffer | string): void;
  /** Seals everything so far; what is added next belongs to the next seal. */
  seal(): string;
  copy(): Chain;
};

const chainOf = (hash: Hash): Chain => {
  let current = hash;
  return {
    add: (bytes) => void current.update(bytes),
    seal: () => {
      const value = current.digest('hex');
      current = createHash('sha256').update(value);
      return value;
    },
    copy: () => chainOf(current.copy()),
  };
};

/** A chain at the beginning of a file. */
export const createChain = (): Chain => chainOf(createHash('sha256'));

/** Closes a line that bears a seal: `text` is its JSON without the seal. The chain goes on behind it, line break included. */
export const sealedLine = (chain: Chain, text: string): string => {
  const open = `${text.slice(0, -1)},"h":"`;
  chain.add(open);
  const line = `${open}${chain.seal()}"}`;
  chain.add('"}\n');
  return line;
};

/** The seal a raw line bears, and where its own bytes end that the seal covers; undefined: it bears none. */
export const sealIn = (line: Buffer): { value: string; covered: number } | undefined => {
  const match = TAIL.exec(line.toString('latin1', Math.max(0, line.length - HEX - 8)));
  return match ? { value: match[1] as string, covered: line.length - HEX - 2 } : undefined;
};
