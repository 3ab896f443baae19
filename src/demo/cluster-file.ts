import { DEMO_USER } from './ssh-server.ts';
import { LOAD_BALANCERS, VIPS, WEB_NODES } from './topology.ts';

/** The demo's cluster file: the tutorial's, with the jump host on loopback. JSON strings are YAML strings. */
export const clusterFile = (
  port: number,
  files: { identity: string; knownHosts: string; sshConfig: string },
): string => `# The embedded cluster of haconsole: its addresses exist in one process only, behind this jump host.
name: demo
ssh:
  user: ${DEMO_USER}
  jump: { name: jump, host: 127.0.0.1, port: ${port}, user: ${DEMO_USER}, identity: ${JSON.stringify(files.identity)} }
  identity: ${JSON.stringify(files.identity)}
  knownHosts: ${JSON.stringify(files.knownHosts)}
  config: ${JSON.stringify(files.sshConfig)}
  sudo: true
vips: [${VIPS.join(', ')}]
loadBalancers:
${LOAD_BALANCERS.map(({ name, address, priority }) => `  - { name: ${name}, address: ${address}, priority: ${priority} }`).join('\n')}
webNodes:
${WEB_NODES.map(({ name, address, identity }) => `  - { name: ${name}, address: ${address}, identity: "${identity}" }`).join('\n')}
http: { via: jump }
interval: 1s
timeout: 1s
services: { nginx: nginx, keepalived: keepalived, web: auto }
checkLog: /etc/keepalived/check_nginx.log
`;
