import * as z from 'zod';

// Convention: the error text of every rule is the phrase that follows "expected" in a message (see check.ts).

const text = (expected: string, pattern: RegExp, max: number) =>
  z.string(expected).max(max, expected).regex(pattern, expected);
const flag = () => z.boolean('true or false');
const whole = (expected: string, min: number, max: number) => z.int(expected).min(min, expected).max(max, expected);

const port = () => whole('a port number from 1 to 65535', 1, 65535);
const name = () =>
  text(
    'a name of letters, digits, dots, dashes and underscores that starts with a letter or digit, at most 63 long',
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    63,
  );
const host = () =>
  text(
    'an IP address or a host name',
    /^(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?)$/,
    253,
  );
const unit = () => text('a systemd unit name such as nginx', /^[A-Za-z0-9@_:][A-Za-z0-9@._:-]*$/, 120);
const path = () => text('a path without control characters', /^[^\u0000-\u001f\u007f]+$/, 4096);
const paths = () => z.union([path(), z.array(path()).min(1, 'a path or a list of paths')], 'a path or a list of paths');
const remotePath = () =>
  text('an absolute path on the nodes', /^\/[^\u0000-\u001f\u007f]*[^\u0000-\u001f\u007f/]$/, 4096);
const user = () => text('a user name', /^[A-Za-z0-9_][A-Za-z0-9_.@\\-]*$/, 64);
const durationPhrase = 'a duration such as 500ms, 1s or 2m';
const duration = () =>
  z.union(
    [z.number().positive(durationPhrase), text(durationPhrase, /^\d{1,9}(\.\d{1,9})?\s*(ms|s|m|h)?$/, 24)],
    durationPhrase,
  );

const ssh = {
  user: user().optional().describe('login name; default: what ssh_config says, else the local user'),
  port: port().optional().describe('SSH port; default: what ssh_config says, else 22'),
  identity: paths()
    .optional()
    .describe('private key file(s); default: the agent, then ssh_config, then ~/.ssh defaults'),
  hostKeyAlias: host().optional().describe('name under which the host key stands in known_hosts'),
};

const http = {
  port: port().optional().describe('HTTP port; default: 80, 443 with https'),
  path: text('a path that starts with /', /^\/[!-~]*$/, 2048)
    .optional()
    .describe('path that is asked for; default: /'),
  scheme: z.enum(['http', 'https'], 'http or https').optional().describe('default: http'),
  host: host().optional().describe('Host header, and server name with https; default: the address'),
};

const node = {
  name: name().describe('what the node is called here; unique, case ignored'),
  address: host().describe('IP address or host name, as seen from the last jump host'),
  port: port().optional().describe('SSH port of this node; short for ssh.port'),
  ssh: z.strictObject(ssh, 'a mapping of SSH settings').optional().describe('SSH settings of this node alone'),
  http: z.strictObject(http, 'a mapping of HTTP settings').optional().describe('HTTP settings of this node alone'),
};

const hopPhrase = 'an ssh_config alias or user@host:port';
const hop = z.union(
  [
    text(hopPhrase, /^[^\s,]+$/, 400),
    z.strictObject({
      host: host().describe('ssh_config alias, address or host name of the jump host'),
      ...ssh,
      name: name().optional().describe('what the jump host is called here; default: its host'),
    }),
  ],
  hopPhrase,
);

const loadBalancer = z.strictObject(
  {
    ...node,
    priority: whole('a VRRP priority from 1 to 254', 1, 254)
      .optional()
      .describe('VRRP base priority that render writes; default: 150, 100, 90, 80, … in file order'),
  },
  'a mapping with name and address',
);

const webNode = z.strictObject(
  {
    ...node,
    identity: text('the text of one line', /^[^\u0000-\u001f\u007f]+$/, 500)
      .optional()
      .describe('text in the page that names this web node, white space ignored; default: learnt from the node'),
    weight: whole('a whole number from 1 to 1000', 1, 1000)
      .optional()
      .describe('share in the upstream that render writes; default: 1'),
  },
  'a mapping with name and address',
);

const address = z.union([z.ipv4(), z.ipv6()], 'an IPv4 or IPv6 address without a prefix length');

/** The cluster file as written: the one source of the types, the checks and the published JSON schema. */
export const clusterFile = z
  .strictObject(
    {
      $schema: z.string('the address of a JSON schema').optional().describe('for editors; ignored'),
      name: name().default('cluster').describe('name of the cluster, shown and recorded'),
      ssh: z
        .strictObject(
          {
            ...ssh,
            jump: z
              .union([hop, z.array(hop).max(8, 'at most 8 jump hosts')], `${hopPhrase}, or a list of them`)
              .optional()
              .describe('jump host: ssh_config alias or user@host:port; a list is several hops, nearest first'),
            knownHosts: paths().optional().describe('known_hosts file(s); default: those of ssh_config; always strict'),
            config: path().optional().describe('ssh_config file; default: the user’s and the system’s'),
            sudo: flag().default(true).describe('whether a user who is not root uses sudo -n'),
            transport: z
              .enum(['auto', 'ssh2', 'openssh'], 'auto, ssh2 or openssh')
              .default('auto')
              .describe('ssh2 is built in; openssh runs the system’s ssh; auto takes what can log in'),
          },
          'a mapping of SSH settings',
        )
        .prefault({})
        .describe('how the nodes are reached'),
      vips: z
        .array(address, 'a list of IP addresses')
        .max(64, 'at most 64 VIPs')
        .default([])
        .describe('the virtual IPs'),
      loadBalancers: z
        .array(loadBalancer, 'a list of load balancers')
        .max(16, 'at most 16 load balancers')
        .default([])
        .describe('the nodes that run nginx and keepalived, the one with the highest priority first'),
      webNodes: z
        .array(webNode, 'a list of web nodes')
        .max(64, 'at most 64 web nodes')
        .default([])
        .describe('the nodes behind nginx'),
      http: z
        .strictObject(
          {
            ...http,
            via: z
              .enum(['jump', 'direct'], 'jump or direct')
              .optional()
              .describe('jump: through the SSH tunnel; direct: from here; default: jump where a jump host is set'),
          },
          'a mapping of HTTP settings',
        )
        .prefault({})
        .describe('how VIPs, load balancers and web nodes are asked'),
      interval: duration().default('1s').describe('time between two looks, 200ms to 1h; a bare number is seconds'),
      timeout: duration().default('1s').describe('deadline of one probe, 50ms to 60s; a bare number is seconds'),
      services: z
        .strictObject(
          {
            nginx: unit().default('nginx').describe('unit of nginx on the load balancers'),
            keepalived: unit().default('keepalived').describe('unit of keepalived'),
            web: unit().default('auto').describe('unit on the web nodes; auto finds apache2, httpd or nginx'),
          },
          'a mapping of unit names',
        )
        .prefault({})
        .describe('systemd unit names'),
      checkLog: remotePath()
        .default('/etc/keepalived/check_nginx.log')
        .describe('log of the check script on the load balancers'),
      vrrp: z
        .strictObject(
          {
            interface: text('a network interface name', /^[A-Za-z0-9_][A-Za-z0-9._-]*$/, 15)
              .optional()
              .describe('interface that carries VRRP and the VIPs; default: eth0'),
            virtualRouterId: whole('a virtual router ID from 1 to 255', 1, 255)
              .optional()
              .describe('VRID; default: the last number of the first VIP'),
            advertInterval: z
              .number('a number of seconds from 0.01 to 255')
              .min(0.01, 'a number of seconds from 0.01 to 255')
              .max(255, 'a number of seconds from 0.01 to 255')
              .optional()
              .describe('advert interval in seconds; a fraction means VRRPv3; default: 1'),
            unicast: flag()
              .optional()
              .describe(
                'whether adverts go to the other load balancers by unicast; default: true where all addresses are IPs',
              ),
          },
          'a mapping of VRRP settings',
        )
        .prefault({})
        .describe('what render writes into keepalived.conf; watching reads it from the nodes'),
      render: z
        .strictObject(
          {
            nginxUser: text('a user name', /^[a-z_][a-z0-9_-]*$/, 32)
              .optional()
              .describe('user of nginx’s workers; default: www-data (Debian); nginx on CentOS'),
          },
          'a mapping of settings of render',
        )
        .prefault({})
        .describe('what only render needs'),
      protected: flag().default(false).describe('true: a production cluster, every action asks for one step more'),
    },
    'a mapping with vips or loadBalancers',
  )
  .describe('haconsole cluster file');

/** The cluster file after parsing: defaults filled in, not yet resolved (durations, host names). */
export type ClusterFile = z.infer<typeof clusterFile>;
