import type { ClusterFile } from './schema.ts';

/** How one host is reached by SSH; empty fields are filled from ssh_config, then from defaults. */
export type SshTarget = {
  /** Name shown in messages: the node's name, or the alias of the hop. */
  name: string;
  /** Alias or address handed to ssh_config. */
  host: string;
  user?: string;
  port?: number;
  identity?: string[];
  hostKeyAlias?: string;
};

/** How one HTTP endpoint is asked. */
export type HttpTarget = { address: string; port: number; path: string; scheme: 'http' | 'https'; host?: string };

export type NodeConfig = {
  name: string;
  role: 'lb' | 'web';
  address: string;
  ssh: SshTarget;
  http: HttpTarget;
  identity?: string;
  /** VRRP base priority, when the file says it (render). */
  priority?: number;
  weight?: number;
};

/** The cluster file, loaded: every default filled in, durations in ms, addresses canonical, paths expanded. */
export type ClusterConfig = {
  name: string;
  /** Where it was read from; absent for the demo and for `--jump` only. */
  file?: string;
  ssh: {
    jump: SshTarget[];
    knownHosts?: string[];
    configFile?: string;
    sudo: boolean;
    transport: 'auto' | 'ssh2' | 'openssh';
    /** ssh defaults for nodes found later. */
    defaults: { user?: string; port?: number; identity?: string[] };
  };
  vips: { address: string; http: HttpTarget }[];
  nodes: NodeConfig[];
  http: { via: 'jump' | 'direct'; defaults: Omit<HttpTarget, 'address'> };
  /** ms */
  interval: number;
  /** ms */
  timeout: number;
  services: { nginx: string; keepalived: string; web: string };
  checkLog: string;
  vrrp: ClusterFile['vrrp'];
  /** What only `render` needs; absent: its defaults. */
  render?: ClusterFile['render'];
  protected: boolean;
};
