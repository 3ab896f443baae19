import { CHECK_TIMEOUT } from './check-script.ts';
import type { Balancer, Plan } from './plan.ts';

const block = (name: string, lines: readonly string[], indent = '    '): string[] => [
  `${indent}${name} {`,
  ...lines.map((line) => `${indent}    ${line}`),
  `${indent}}`,
];

const transport = (plan: Plan, self: Balancer): string[] => {
  if (!plan.unicast)
    return [
      '    # Adverts go by multicast, as in the tutorial: the switch and every firewall between the balancers must let them pass.',
    ];
  const peers = plan.balancers.filter((one) => one.name !== self.name).map((one) => one.address);
  return [
    '    # Tutorial: multicast. Unicast passes networks that drop multicast, and a strange pair with the same VRID is not heard.',
    `    # These must be addresses of the balancers themselves; where they are not (NAT), set vrrp.unicast: false.`,
    `    unicast_src_ip ${self.address}`,
    ...block('unicast_peer', peers),
  ];
};

const authentication = (plan: Plan): string[] => {
  if (plan.vrrpVersion === 3)
    return ['    # No authentication: VRRPv3 has none (RFC 9568 9), and the tutorial’s "1111" protects nothing.'];
  if (plan.authPass === undefined)
    return [
      '    # No authentication: the tutorial’s "1111" is known to everyone and goes over the wire in clear text. RFC 9568 dropped it.',
      '    # With HACONSOLE_AUTH_PASS in the environment render writes one; it keeps pairs apart, it keeps nobody out.',
    ];
  return [
    '    # Keeps two pairs apart, no more: it goes over the wire in clear text. Keep this file 0600.',
    ...block('authentication', ['auth_type PASS', `auth_pass ${plan.authPass}`]),
  ];
};

const addresses = (plan: Plan): string[] => {
  const own = block('virtual_ipaddress', plan.vips);
  if (plan.otherVips.length === 0) return own;
  return [
    ...own,
    '    # One advert carries one family only. Excluded from the adverts, not from the move: these go where the others go.',
    ...block('virtual_ipaddress_excluded', plan.otherVips),
  ];
};

/** /etc/keepalived/keepalived.conf of one load balancer; `keepalived -t` passes it with status 0. */
export const keepalivedConf = (plan: Plan, self: Balancer): string => {
  const lowered = self.priority - plan.weight;
  const v3 = plan.vrrpVersion === 3 && plan.family === 4;
  const lines = [
    `# Written by haconsole render for ${self.name} of cluster ${plan.cluster}. Change the cluster file, not this one.`,
    '# Between the balancers only router_id, priority and the unicast addresses differ; any other difference is a fault.',
    `# Before use: keepalived -t && systemctl reload ${plan.keepalivedUnit}. A reload of a broken file ends keepalived and leaves the VIPs.`,
    `# Once: systemctl enable --now ${plan.keepalivedUnit}. The tutorial only starts it, so after a power loss nothing would come back.`,
    '# Firewall: IP protocol 112 (VRRP) between the balancers must pass both ways, else both hold the VIPs.',
    '# Clocks: run chrony or systemd-timesyncd; the tutorial sets the time once, and drifting clocks mix up every post-mortem.',
    '',
    'global_defs {',
    `    router_id ${self.name}`,
    '    # Tutorial: mail settings of the sample file. Nothing sends mail by them, so they are left out.',
    '    # Tutorial: vrrp_garp_interval 0 and vrrp_gna_interval 0. Not valid values since 2.x, and the default anyway.',
    '    # Tutorial: vrrp_skip_check_adv_addr. Left out, so that a different list of VIPs on a peer is noticed.',
    '    # Still no vrrp_strict: it drops what is sent to the VIPs.',
    '    # Not in the tutorial: without these two the script runs unchecked, or as a user that may not start nginx.',
    '    enable_script_security',
    '    script_user root',
    '    # Not in the tutorial: says again every 10 s whose the VIPs are, so that a stolen or stale ARP entry heals.',
    '    vrrp_garp_master_refresh 10',
    ...(v3 ? ['    # advert_int is a fraction of a second, which VRRPv2 cannot say.', '    vrrp_version 3'] : []),
    '}',
    '',
    'vrrp_script check_nginx {',
    '    script "/etc/keepalived/check_nginx.sh"',
    '    # Tutorial: 5. The check is one local request, and its interval is most of what a failure costs.',
    '    interval 1',
    '    # Not in the tutorial: the default is the interval, and a slow restart of nginx would get the script killed.',
    `    timeout ${CHECK_TIMEOUT}`,
    '    # Tutorial: -20, with which 150 stays above 100 and nothing ever moves. A failed check must fall below every peer:',
    `    # here ${self.priority} - ${plan.weight} = ${lowered}${lowered < 1 ? ' (keepalived stops at 1)' : ''}. No "weight 0": with nginx down everywhere nobody would hold the VIPs.`,
    `    weight -${plan.weight}`,
    '    fall 2',
    '    # Tutorial: 1. Three good answers before the priority comes back, else a flapping nginx means flapping VIPs.',
    '    rise 3',
    '}',
    '',
    'vrrp_instance VI_1 {',
    '    # Tutorial: MASTER on both. Who starts as BACKUP asks first; the priority decides in any case.',
    '    # No nopreempt: it would also ignore a priority that a failed check has lowered.',
    '    state BACKUP',
    `    interface ${plan.interface}`,
    '    # Tutorial: 51, the number of every example. This one is the last number of the first VIP unless the cluster file says otherwise.',
    `    virtual_router_id ${plan.vrid}`,
    `    priority ${self.priority}`,
    `    advert_int ${plan.advertInterval}`,
    ...transport(plan, self),
    ...authentication(plan),
    ...block('track_script', ['check_nginx']),
    '    # All VIPs move together: one instance, one state. Watch each of them; the tutorial only ever tests the first.',
    ...addresses(plan),
    '}',
    '',
  ];
  return lines.join('\n');
};
