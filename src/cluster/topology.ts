/** The services haconsole knows on a node; unit names come from the cluster file or are found on the node. */
export type ServiceName = 'nginx' | 'keepalived' | 'web';

/** A load balancer or web node as the cluster file (or discovery) names it. */
export type NodeSpec = {
  name: string;
  role: 'lb' | 'web';
  /** IP address or host name, as seen from the last jump host. */
  address: string;
  /** Text in the page that names this web node; white space is ignored when matching. Learnt when absent. */
  identity?: string;
};

/** What is watched: the resolved cluster file, without secrets, as plain data. */
export type Topology = {
  name: string;
  /** VIP addresses in canonical form, in file order. */
  vips: string[];
  nodes: NodeSpec[];
  /** Names of the jump hosts, nearest first; empty when connected directly. */
  hops: string[];
  /** How HTTP probes travel. */
  via: 'jump' | 'direct';
  /** Poll interval in ms. */
  interval: number;
  /** Deadline of one probe in ms. */
  timeout: number;
  checkLog: string;
  protected: boolean;
  readOnly: boolean;
};

/** The services a node of this role runs, in display order. */
export const servicesOf = (role: NodeSpec['role']): ServiceName[] =>
  role === 'lb' ? ['nginx', 'keepalived'] : ['web'];
