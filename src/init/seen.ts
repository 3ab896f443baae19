import type { Failure } from '../cluster/failure.ts';
import type { NodeConfiguration } from '../cluster/readings.ts';

/** What one node turned out to be: `lb` has keepalived or passes requests on, `web` has a web server, `other` has neither. */
export type Kind = 'lb' | 'web' | 'other';

/** How a node was come by: the command line, the configuration or the log of another node, or its table of neighbours. */
export type Source = 'given' | 'upstream' | 'unicast_peer' | 'journal' | 'neighbour';

/** One node that was looked at from inside. Text in it is free of control characters. */
export type Seen = {
  /** What it was called when it was looked for: the word of the command line, or the address. */
  host: string;
  source: Source;
  kind: Kind;
  /** Its own name, without domain; empty where it did not tell. */
  hostname: string;
  user: string;
  isRoot: boolean;
  /** All its addresses but those of the loopback interface. */
  addresses: string[];
  /** Of the pair's own configuration; absent where it could not be read, with why in `remarks`. */
  configuration?: NodeConfiguration;
  unicast: boolean;
  /** Ports on which nginx passes requests on. */
  ports: number[];
  /** The files that the check scripts append to. */
  logs: string[];
  /** Units of web servers that are installed, those that run first. */
  webUnits: string[];
  /** Other routers by its configuration and by its journal. */
  peers: { address: string; source: 'unicast_peer' | 'journal' }[];
  /** Addresses of the neighbour table. */
  neighbours: string[];
  remarks: string[];
};

/** A node that could not be looked at. */
export type Unseen = { host: string; source: Source; failure: Failure };

/** The page of a web node, asked twice; absent where it gave none. */
export type Page = { status: number; bodies: string[] };

/** Everything that was found out, before a word of the file is written. */
export type Findings = {
  seen: Seen[];
  unseen: Unseen[];
  /** By `address:port` of an upstream server. */
  pages: Map<string, Page | Failure>;
};
