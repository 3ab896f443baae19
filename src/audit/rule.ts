import type { Scene } from './scene.ts';

/** `error`: the pair does not do what it is for, or hands itself to others. `warning`: it works, with a trap. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** Where something was found. `text`: the line itself, free of secrets. */
export type Place = { node: string; file?: string; line?: number; text?: string };

/** One place where a rule applies. */
export type Hit = {
  place: Place;
  /** What was found there, one sentence. */
  found: string;
  /** Where the other half of it stands: the peer, for a comparison. */
  related?: Place[];
  /** Lines to write instead, where they follow from what was found; else the rule's own. */
  write?: string[];
};

/** What a rule looks at; where that is not known on a node, the rule was not judged there. */
export type Need =
  | 'keepalived.conf'
  | 'nginx.conf'
  | 'check script'
  | 'modes'
  | 'units'
  | 'versions'
  | 'keepalived -t'
  | 'nginx -t'
  | 'time'
  | 'web page';

/** One rule: data, and a function that finds its places. */
export type Rule = {
  id: string;
  severity: Severity;
  /** What is wrong, one short sentence without names. */
  title: string;
  /** What it leads to, measured where there are figures. */
  why: string;
  /** What to do instead. */
  instead: string;
  /** Lines to write, where they are always the same. */
  write?: readonly string[];
  needs: readonly Need[];
  find: (scene: Scene) => Hit[];
};
