/** The tutorial's addresses, as the demo's machines bear them. They exist inside the demo only. */
export const VIPS = ['172.16.249.80', '172.16.249.90', '172.16.249.100'] as const;

/** Where the check script writes, and notes go. */
export const CHECK_LOG = '/etc/keepalived/check_nginx.log';

export const LOAD_BALANCERS = [
  { name: 'lb1', address: '172.16.249.101', priority: 150, routerId: 'NginxNode001' },
  { name: 'lb2', address: '172.16.249.102', priority: 100, routerId: 'NginxNode002' },
] as const;

export const WEB_NODES = [
  { name: 'web1', address: '172.16.249.201', identity: 'HTTP WEB NODE 01' },
  { name: 'web2', address: '172.16.249.202', identity: 'HTTP WEB NODE 02' },
] as const;
