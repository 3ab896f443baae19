import type { Scene, Step } from './step.ts';

const FILE = '/etc/keepalived/next.conf';

/** A good file, small enough to be read here. The password is nobody's. */
const GOOD = `global_defs {
   router_id lb1
   enable_script_security
   script_user root
}
vrrp_script check_nginx {
   script "/etc/keepalived/check_nginx.sh"
   interval 1
   timeout 10
   weight -60
   fall 2
   rise 3
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 80
    priority 150
    advert_int 1
    unicast_src_ip 172.16.249.101
    unicast_peer {
        172.16.249.102
    }
    authentication {
        auth_type PASS
        auth_pass secret12
    }
    track_script {
        check_nginx
    }
    virtual_ipaddress {
        172.16.249.80
        172.16.249.90
        172.16.249.100
    }
}
`;

const second = (name: string, vrid: number): string =>
  `vrrp_instance ${name} {\n interface eth0\n virtual_router_id ${vrid}\n priority 10\n virtual_ipaddress {\n 172.16.249.91\n }\n}\n`;

/** What is changed in the good file: text to text, or all of it. */
const CHANGES: readonly (readonly [from: string | RegExp, to: string])[] = [
  ['', ''],
  ['router_id 80', 'router_id 999'],
  ['router_id 80', 'router_id 0'],
  ['router_id 80', 'router_id abc'],
  ['    virtual_router_id 80\n', ''],
  ['priority 150', 'priority 0'],
  ['priority 150', 'priority 256'],
  ['priority 150', 'priority x'],
  ['priority 150', 'priority 255'],
  ['    priority 150\n', ''],
  ['priority 150', 'priority 90'],
  ['priority 150', 'prioritty 150'],
  ['priority 150', 'priority 150 151'],
  ['    interface eth0\n', ''],
  ['interface eth0', 'interface ens33'],
  ['advert_int 1', 'advert_int 0'],
  ['advert_int 1', 'advert_int 0.3'],
  ['advert_int 1', 'advert_int x'],
  ['advert_int 1', 'advert_int 300'],
  ['vrrp_instance VI_1', 'vrrp_instanse VI_1'],
  ['vrrp_instance VI_1 {', 'vrrp_instance VI_1'],
  ['vrrp_instance VI_1 {', 'vrrp_instance {'],
  [/}\n$/, ''],
  [/$/, '}\n'],
  ['172.16.249.90', '172.16.249.900'],
  ['172.16.249.90', 'hello'],
  ['172.16.249.90', '2001:db8::90'],
  ['172.16.249.90', '172.16.249.80'],
  ['172.16.249.90', '172.16.249.90/33'],
  ['172.16.249.90', '172.16.249.90/32 dev ens33'],
  ['172.16.249.90', '172.16.249.90 foo'],
  [/ {4}virtual_ipaddress \{[^}]*}\n/, ''],
  ['check_nginx.sh', 'check_nosuch.sh'],
  ['        check_nginx\n', '        check_nothing\n'],
  ['auth_pass secret12', 'auth_pass secret1234'],
  ['        auth_pass secret12\n', ''],
  ['auth_type PASS', 'auth_type FOO'],
  ['state BACKUP', 'state SLAVE'],
  ['state BACKUP', 'state MASTER\n    nopreempt'],
  ['   enable_script_security\n', ''],
  ['   script_user root\n', ''],
  ['172.16.249.102', '172.16.249.1022'],
  ['   interval 1', '   interval 0'],
  ['weight -60', 'weight -600'],
  ['weight -60', 'weight abc'],
  ['fall 2', 'fall 0'],
  ['router_id lb1', 'vrrp_garp_interval 0'],
  ['router_id lb1', 'vrrp_version 3'],
  ['router_id lb1', 'routerid lb1'],
  ['    track_script {', '    track_scripts {'],
  ['   fall 2', '   fail 2'],
  ['   router_id lb1', '   notification {\n      admin@example.org\n   }'],
  [/ {4}virtual_ipaddress \{[^}]*}\n/, '    virtual_ipaddress { 172.16.249.80 }\n'],
  ['    unicast_peer {', '    unicast_peer\n    {'],
  ['priority 150', 'priority 150 # high'],
  ['priority 150', 'priority 150 ! high'],
  ['priority 150', 'priority'],
  ['virtual_router_id 80', 'virtual_router_id'],
  ['vrrp_instance VI_1 {', 'vrrp_instance VI_1{'],
  [/$/, second('VI_1', 81)],
  [/$/, second('VI_2', 81)],
  ['check_nginx.sh"', 'check_nginx.sh'],
  [/[\s\S]*/, ''],
  [/[\s\S]*/, '# only a comment\n'],
  [/[\s\S]*/, 'hello world\n'],
];

const test = (as: 'root' | 'nosudo', path: string): Step => ({ run: `/usr/sbin/keepalived -t -f ${path}`, as });

/** A file, and what keepalived says of it, once for each change; then files that are not there or may not be read. */
const STEPS: Step[] = [
  ...CHANGES.flatMap(([from, to]): Step[] => [{ write: FILE, text: GOOD.replace(from, to) }, test('root', FILE)]),
  { write: FILE, text: GOOD },
  test('nosudo', FILE),
  test('root', '/etc/keepalived/nosuch.conf'),
  test('root', '/etc/keepalived'),
  test('nosudo', '/etc/keepalived/keepalived.conf'),
];

/** How keepalived reads a file. */
export const READING: readonly Scene[] = [
  { name: 'keepalived-test', title: 'keepalived -t of many files', node: 'lb1', steps: STEPS },
];
