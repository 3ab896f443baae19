import { z } from 'zod';

const port = z.int().min(1).max(65535);
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected a name of letters, digits, dot, dash or underscore');
const host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9:._%-]+$/, 'expected an IP address or a host name')
  .refine((text) => !text.startsWith('-'), 'must not start with a dash');
const unit = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9@._:-]+$/, 'expected a systemd unit name')
  .refine((text) => !text.startsWith('-'), 'must not start with a dash');
const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\u0000-\u001f\u007f]+$/, 'must not contain control characters');
const duration = z
  .union([
    z.number().positive(),
    z.string().regex(/^\d+(\.\d+)?\s*(ms|s|m)?$/, 'expected a duration such as 500ms, 1s or 2m'),
  ])
  .describe('a duration: 500ms, 1s, 2m; a bare number is seconds');

const sshOptions = {
  user: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}$/, 'expected a user name')
    .optional(),
  port: port.optional(),
  identity: z
    .union([path, z.array(path)])
    .optional()
    .describe('private key file(s); default: agent, ssh_config, ~/.ssh defaults'),
  hostKeyAlias: host.optional(),
};

const httpOptions = z.strictObject({
  port: port.optional().describe('default 80, 443 with https'),
  path: z
    .string()
    .regex(/^\/[!-~]*$/, 'expected a path that starts with /')
    .optional(),
  scheme: z.enum(['http', 'https']).optional(),
  host: host.optional().describe('Host header (and SNI)'),
});

const node = {
  name,
  address: host,
  port: port.optional().describe('SSH port'),
  ssh: z.strictObject(sshOptions).optional(),
  http: httpOptions.optional(),
};

const hop = z.union([
  z.string().regex(/^[A-Za-z0-9_][^\s,]*$/, 'expected an ssh_config alias or user@host:port'),
  z.strictObject({ host, ...sshOptions, name: name.optional() }),
]);

/** The cluster file as written: the one source of the types, the checks and the published JSON schema. */
export const clusterFile = z
  .strictObject({
    $schema: z.string().optional(),
    name: name.default('cluster'),
    ssh: z
      .strictObject({
        ...sshOptions,
        jump: z
          .union([hop, z.array(hop)])
          .optional()
          .describe('ssh_config alias or user@host:port; a list is several hops'),
        knownHosts: z.union([path, z.array(path)]).optional(),
        config: path.optional().describe('ssh_config file; default: the user’s and the system’s'),
        sudo: z.boolean().default(true).describe('non-root: sudo -n'),
        transport: z.enum(['auto', 'ssh2', 'openssh']).default('auto'),
      })
      .prefault({}),
    vips: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
    loadBalancers: z.array(z.strictObject({ ...node, priority: z.int().min(1).max(254).optional() })).default([]),
    webNodes: z
      .array(
        z.strictObject({
          ...node,
          identity: z.string().min(1).max(500).optional(),
          weight: z.int().min(1).max(1000).optional(),
        }),
      )
      .default([]),
    http: httpOptions.extend({ via: z.enum(['jump', 'direct']).optional() }).prefault({}),
    interval: duration.default('1s'),
    timeout: duration.default('1s'),
    services: z
      .strictObject({ nginx: unit.default('nginx'), keepalived: unit.default('keepalived'), web: unit.default('auto') })
      .prefault({}),
    checkLog: path.default('/etc/keepalived/check_nginx.log'),
    vrrp: z
      .strictObject({
        interface: z
          .string()
          .regex(/^[A-Za-z0-9._-]{1,15}$/, 'expected an interface name')
          .optional(),
        virtualRouterId: z.int().min(1).max(255).optional(),
        advertInterval: z.number().min(0.01).max(255).optional(),
      })
      .prefault({})
      .describe('what render writes where the nodes cannot be asked'),
    protected: z.boolean().default(false),
  })
  .describe('haconsole cluster file');

/** The cluster file after parsing: defaults filled in, not yet resolved (durations, host names). */
export type ClusterFile = z.infer<typeof clusterFile>;
