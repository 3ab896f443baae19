/** Bad cluster files: what is written, and the one sentence that must come back. */
export const FAULTS: readonly { title: string; text: string; message: string }[] = [
  {
    title: 'an empty file',
    text: '',
    message: '1:1: expected a mapping with vips or loadBalancers, found an empty value.',
  },
  { title: 'a list', text: '[1]', message: '1:1: expected a mapping with vips or loadBalancers, found a list of 1.' },
  {
    title: 'neither VIPs nor load balancers',
    text: 'vips: []',
    message: '1:1: expected vips or loadBalancers, found neither.',
  },
  {
    title: 'a text where a list belongs',
    text: 'vips: 10.0.0.1',
    message: '1:7: vips: expected a list of IP addresses, found "10.0.0.1".',
  },
  {
    title: 'a number too big for an address',
    text: 'vips: [10.0.0.300]',
    message: '1:8: vips[0]: expected an IPv4 or IPv6 address without a prefix length, found "10.0.0.300".',
  },
  {
    title: 'an address with a prefix length',
    text: 'vips:\n  - 10.0.0.1\n  - 10.0.0.2/24\n',
    message: '3:5: vips[1]: expected an IPv4 or IPv6 address without a prefix length, found "10.0.0.2/24".',
  },
  {
    title: 'a node whose name confirms by itself',
    text: 'loadBalancers: [{name: Yes, address: 10.0.0.1}]',
    message: '1:24: loadBalancers[0].name: expected another name: this word confirms by itself, found "Yes".',
  },
  {
    title: 'a cluster that is named as one of its nodes',
    text: 'name: LB1\nloadBalancers: [{name: lb1, address: 10.0.0.1}]',
    message: '1:7: name: expected a name that no node has, found "LB1", which loadBalancers[0].name is too.',
  },
  {
    title: 'a multicast VIP',
    text: 'vips: [224.0.0.18]',
    message: '1:8: vips[0]: expected an address that a host can have, found "224.0.0.18".',
  },
  {
    title: 'a tab for indentation',
    text: 'vips:\n\t- 10.0.0.1\n',
    message: '2:1: expected spaces for indentation, found a tab.',
  },
  {
    title: 'a field given twice',
    text: 'vips: [10.0.0.1]\nvips: []',
    message: '2:1: expected each field once, found "vips" a second time.',
  },
  {
    title: 'a nested field given twice',
    text: 'ssh: {user: a, user: b}',
    message: '1:16: expected each field once, found "user" a second time.',
  },
  {
    title: 'text after a list',
    text: 'vips: [10.0.0.1] junk',
    message: '1:18: expected YAML, found a syntax error: Unexpected scalar at node end.',
  },
  {
    title: 'two documents',
    text: 'vips: [10.0.0.1]\n---\nvips: []',
    message: '2:1: expected one YAML document, found a second document.',
  },
  {
    title: 'another YAML',
    text: '%YAML 1.1\n---\nvips: [10.0.0.1]',
    message: '1:1: expected YAML 1.2, found another version of YAML.',
  },
  {
    title: 'a tag of one’s own',
    text: 'name: !foo x',
    message: '1:7: expected YAML, found a syntax error: Unresolved tag: !foo.',
  },
  {
    title: 'an alias of nothing',
    text: 'vips: *nope',
    message: '1:7: expected a value or a known alias, found the alias *nope of an anchor that is not there.',
  },
  {
    title: 'a misspelt field',
    text: 'vips: [10.0.0.1]\nssh:\n  jmup: bastion\n',
    message:
      '3:3: ssh.jmup: expected one of user, port, identity, hostKeyAlias, jump, knownHosts, config, sudo, transport, found the unknown field "jmup" (did you mean jump?).',
  },
  {
    title: 'a field in another spelling',
    text: 'vips: [10.0.0.1]\nload_balancers: []',
    message:
      '2:1: load_balancers: expected one of name, ssh, vips, loadBalancers, webNodes, http, interval, timeout, services, checkLog, vrrp, render, protected, found the unknown field "load_balancers" (did you mean loadBalancers?).',
  },
  {
    title: 'an unknown field inside a jump host',
    text: 'vips: [10.0.0.1]\nssh: {jump: [a, {host: b, prot: 1}]}',
    message:
      '2:27: ssh.jump[1].prot: expected one of host, user, port, identity, hostKeyAlias, name, found the unknown field "prot" (did you mean port?).',
  },
  {
    title: 'an escape sequence in a field name',
    text: 'vips: [10.0.0.1]\n"\\u001b]0;x\\u0007": 1',
    message:
      '2:1: \\u001b]0;x\\u0007: expected one of name, ssh, vips, loadBalancers, webNodes, http, interval, timeout, services, checkLog, vrrp, render, protected, found the unknown field "\\u001b]0;x\\u0007".',
  },
  {
    title: 'a port that is text',
    text: 'ssh: {port: "22"}',
    message: '1:13: ssh.port: expected a port number from 1 to 65535, found "22".',
  },
  {
    title: 'a port out of range',
    text: 'http: {port: 70000}',
    message: '1:14: http.port: expected a port number from 1 to 65535, found 70000.',
  },
  {
    title: 'a user name that is an option',
    text: 'ssh: {user: "-oProxyCommand=x"}',
    message: '1:13: ssh.user: expected a user name, found "-oProxyCommand=x".',
  },
  {
    title: 'a unit name with a command in it',
    text: 'services: {nginx: "nginx; reboot"}',
    message: '1:19: services.nginx: expected a systemd unit name such as nginx, found "nginx; reboot".',
  },
  { title: 'yes for true', text: 'protected: yes', message: '1:12: protected: expected true or false, found "yes".' },
  {
    title: 'a section without content',
    text: 'ssh:\nname: x',
    message: '1:1: ssh: expected a mapping of SSH settings, found an empty value.',
  },
  {
    title: 'a node without an address',
    text: 'loadBalancers:\n  - { name: lb1, address: 10.0.0.1 }\n  - { name: lb2 }\n',
    message: '3:5: loadBalancers[1].address: expected an IP address or a host name, found nothing.',
  },
  {
    title: 'one name twice, in another case',
    text: 'loadBalancers: [{name: lb1, address: a}]\nwebNodes:\n  - {name: LB1, address: b}',
    message:
      '3:12: webNodes[0].name: expected a name that no other node or jump host has (case ignored), found "LB1", which loadBalancers[0].name has already.',
  },
  {
    title: 'a node with the name of the jump host',
    text: 'ssh: {jump: ops@Gate:2200}\nloadBalancers: [{name: gate, address: a}]',
    message:
      '2:24: loadBalancers[0].name: expected a name that no other node or jump host has (case ignored), found "gate", which ssh.jump has already.',
  },
  {
    title: 'one address twice',
    text: 'loadBalancers: [{name: a, address: "fd00::1"}, {name: b, address: "FD00:0::1"}]',
    message:
      '1:67: loadBalancers[1].address: expected an address that no other node has, found "FD00:0::1", which loadBalancers[0].address has already.',
  },
  {
    title: 'a VIP twice, spelt differently',
    text: 'vips: ["fd00::80", "FD00:0:0::80"]',
    message: '1:20: vips[1]: expected each VIP once, found "FD00:0:0::80", which vips[0] has already.',
  },
  {
    title: 'a VIP that is the address of a node',
    text: 'vips: [10.0.0.8, 10.0.0.9]\nwebNodes: [{name: w, address: 10.0.0.9}]',
    message:
      '2:31: webNodes[0].address: expected the node’s own address, not a VIP, which moves, found "10.0.0.9", which is vips[1] too.',
  },
  {
    title: 'an address that is nearly one',
    text: 'webNodes: [{name: w, address: 10.0.0.999}]',
    message:
      '1:31: webNodes[0].address: expected an IP address (four numbers from 0 to 255, or IPv6) or a host name, found "10.0.0.999".',
  },
  {
    title: 'two SSH ports for one node',
    text: 'webNodes: [{name: w, address: a, port: 22, ssh: {port: 23}}]',
    message: '1:56: webNodes[0].ssh.port: expected the SSH port in one place, found 23 beside port: 22.',
  },
  {
    title: 'an identity that is part of another',
    text: 'webNodes:\n  - {name: web1, address: a, identity: "NODE 1"}\n  - {name: web10, address: b, identity: "NODE 10"}',
    message:
      '3:41: webNodes[1].identity: expected identities of which none contains another (white space ignored), found "NODE 10" beside "NODE 1" of web1.',
  },
  {
    title: 'an identity of spaces',
    text: 'webNodes: [{name: w, address: a, identity: "  "}]',
    message: '1:44: webNodes[0].identity: expected text that stands in the page, found only white space.',
  },
  {
    title: 'an interval that is no duration',
    text: 'interval: soon',
    message: '1:11: interval: expected a duration such as 500ms, 1s or 2m, found "soon".',
  },
  {
    title: 'an interval below zero',
    text: 'interval: -1',
    message: '1:11: interval: expected a duration such as 500ms, 1s or 2m, found -1.',
  },
  {
    title: 'an interval that hammers',
    text: 'vips: [10.0.0.1]\ninterval: 1ms',
    message: '2:11: interval: expected a duration from 200ms to 1h, found "1ms".',
  },
  {
    title: 'a timeout without end',
    text: 'vips: [10.0.0.1]\ntimeout: 2m',
    message: '2:10: timeout: expected a duration from 50ms to 60s, found "2m".',
  },
  {
    title: 'a way through no jump host',
    text: 'vips: [10.0.0.1]\nhttp: {via: jump}',
    message:
      '2:13: http.via: expected direct, or a jump host in ssh.jump or by --jump, found jump without a jump host.',
  },
  {
    title: 'a jump host with a space',
    text: 'ssh: {jump: "a b"}',
    message: '1:13: ssh.jump: expected an ssh_config alias or user@host:port, found "a b".',
  },
  {
    title: 'a jump host with a bad port',
    text: 'vips: [10.0.0.1]\nssh: {jump: [a, "b:99999"]}',
    message:
      '2:17: ssh.jump[1]: expected an ssh_config alias or user@host:port ([address]:port for IPv6), found "b:99999".',
  },
  {
    title: 'a check log that is not absolute',
    text: 'checkLog: x.log',
    message: '1:11: checkLog: expected an absolute path on the nodes, found "x.log".',
  },
  {
    title: 'a path without a slash',
    text: 'http: {path: status}',
    message: '1:14: http.path: expected a path that starts with /, found "status".',
  },
  {
    title: 'a VRID that does not exist',
    text: 'vrrp: {virtualRouterId: 999}',
    message: '1:25: vrrp.virtualRouterId: expected a virtual router ID from 1 to 255, found 999.',
  },
  {
    title: 'the first of several faults, in file order',
    text: 'protected: 1\nname: "-"\nvips: nothing\nbogus: true\n',
    message: '1:12: protected: expected true or false, found 1.',
  },
  {
    title: 'a fault behind a BOM and CRLF',
    text: '\ufeffvips: [10.0.0.1]\r\nname: x\r\nprotected: 1\r\n',
    message: '3:12: protected: expected true or false, found 1.',
  },
  {
    title: 'a port in the host of a jump host',
    text: 'vips: [10.0.0.1]\nssh: {jump: {host: "10.0.0.9:22"}}',
    message:
      '2:20: ssh.jump.host: expected an IPv6 address or a host name; the port has a field of its own, found "10.0.0.9:22".',
  },
];
