/** One directive of keepalived.conf or nginx.conf as words without quotes, where it stands, and what its braces hold. */
export type Directive = {
  words: string[];
  /** Absolute path on the node. */
  file: string;
  /** Counted from 1. */
  line: number;
  block?: Directive[];
};

/** What makes a file unreadable to its daemon. `braces`: they do not match; `end`: a directive of nginx without its `;`. */
export type Problem = { kind: 'braces' | 'end'; file: string; line: number; text: string };

/**
 * A configuration file with its includes in their place. `root` holds what was understood up to the first problem of each file;
 * `missing` are the include lines for which no file was at hand.
 */
export type Tree = { root: Directive[]; problems: Problem[]; missing: Directive[] };
