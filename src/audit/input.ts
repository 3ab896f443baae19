/** What a look at one thing of a node gave: it is there, it is not, it could not be looked at, or nobody meant to look. */
export type Seen<T> =
  | { is: 'seen'; value: T }
  | { is: 'absent' }
  | { is: 'unknown'; why: string }
  /** Not part of this audit by its nature: a directory of files knows no units. */
  | { is: 'skipped'; why: string };

/** One file as it was read. `mode` and owners are absent where only the text is known. */
export type AuditFile = {
  /** Absolute path on the node. */
  path: string;
  text: string;
  /** Permission bits, as in 0o755. */
  mode?: number;
  owner?: string;
  group?: string;
};

/** One message of `keepalived -t`: whether a reload would end keepalived or leave something out. */
export type TestMessage = { weight: 'harmless' | 'left-out' | 'fatal'; text: string };

/** All that is looked at on one node. */
export type AuditNode = {
  name: string;
  role: 'lb' | 'web';
  /** By absolute path: configuration files, what they include, check scripts. What is not here was not asked for. */
  files: Map<string, Seen<AuditFile>>;
  /** `systemctl is-enabled`, by unit name. */
  units: Map<string, Seen<string>>;
  /** Version of keepalived and nginx, by name. */
  versions: Map<string, Seen<string>>;
  keepalivedTest: Seen<TestMessage[]>;
  /** The error lines of `nginx -t`; none: it is fine. */
  nginxTest: Seen<string[]>;
  /** Something keeps the clock right: the unit's name, or what the machine is (a container has its host's clock). Absent: nothing. */
  timeSync: Seen<string>;
  /** Logs that logrotate knows of, by path. */
  rotated: Map<string, Seen<boolean>>;
};

/** Everything an audit judges. */
export type AuditInput = {
  /** Name of the cluster, or the directory. */
  title: string;
  nodes: AuditNode[];
  /** VIPs of the cluster file; absent where there is none. */
  vips?: string[];
  /** `true`: of these load balancers all are here, so that they can be compared. */
  wholePair: boolean;
};

/** A value where it is known. */
export const known = <T>(seen: Seen<T> | undefined): T | undefined => (seen?.is === 'seen' ? seen.value : undefined);
