import { KEEPALIVED, NGINX, type Pair, SCRIPT } from './pair.ts';

/** What lights a rule, and what comes close and does not. Both begin with what `render` writes. */
export type Case = { lights: (pair: Pair) => unknown; spares: (pair: Pair) => unknown };

const kc =
  (from: string | RegExp, to: string, node?: string) =>
  (pair: Pair): Pair =>
    pair.edit(KEEPALIVED, from, to, node);
const nc =
  (from: string | RegExp, to: string, node?: string) =>
  (pair: Pair): Pair =>
    pair.edit(NGINX, from, to, node);
const script =
  (...lines: string[]) =>
  (pair: Pair): Pair =>
    pair.put(SCRIPT, `#!/bin/bash\n${lines.join('\n')}\n`);
const ASK = 'curl -fsS -m 1 http://127.0.0.1/ >/dev/null || exit 1';
const START = 'systemctl restart nginx';

const MULTICAST = /unicast_src_ip[\s\S]*?}/;
const auth = (word: string) => `advert_int 1\n authentication {\n auth_type PASS\n auth_pass ${word}\n }`;

/** One case for each rule. */
export const cases: Record<string, Case> = {
  'weight-cannot-move-vip': { lights: kc('weight -60', 'weight -50'), spares: kc('weight -60', 'weight -51') },
  'priority-equal': {
    lights: kc('priority 100', 'priority 150', 'lb2'),
    spares: kc('priority 100', 'priority 149', 'lb2'),
  },
  'state-master-on-both': {
    lights: kc('state BACKUP', 'state MASTER'),
    spares: kc('state BACKUP', 'state MASTER', 'lb1'),
  },
  'nopreempt-with-master': {
    lights: kc('state BACKUP', 'state MASTER\n nopreempt', 'lb1'),
    spares: kc('state BACKUP', 'state BACKUP\n nopreempt'),
  },
  'nopreempt-with-weight': {
    lights: kc('state BACKUP', 'state BACKUP\n nopreempt'),
    spares: (pair) => kc('weight -60', 'weight 0')(kc('state BACKUP', 'state BACKUP\n nopreempt')(pair)),
  },
  'repair-moves-vip-at-once': {
    lights: kc('rise 3', 'rise 1'),
    spares: (pair) => kc('rise 3', 'rise 1')(kc('state BACKUP', 'state BACKUP\n preempt_delay 60')(pair)),
  },
  'adverts-by-multicast': {
    lights: kc(/unicast_peer \{[^}]*\}/, ''),
    spares: kc('unicast_peer {', 'unicast_peer { # the other'),
  },
  'vrid-of-every-example': {
    lights: (pair) => kc(/virtual_router_id \d+/, 'virtual_router_id 51')(kc(MULTICAST, '')(pair)),
    spares: kc(/virtual_router_id \d+/, 'virtual_router_id 51'),
  },
  'auth-pass-of-every-example': {
    lights: kc('advert_int 1', auth('1111')),
    spares: kc('advert_int 1', auth('q7T.x2')),
  },
  'auth-pass-cut': { lights: kc('advert_int 1', auth('q7T.x2zz9')), spares: kc('advert_int 1', auth('q7T.x2zz')) },
  'garp-refresh-unset': {
    lights: kc('vrrp_garp_master_refresh 10', ''),
    spares: (pair) =>
      kc('advert_int 1', 'advert_int 1\n garp_master_refresh 10')(kc('vrrp_garp_master_refresh 10', '')(pair)),
  },
  'no-check-at-all': {
    lights: kc(/track_script \{[^}]*\}/, ''),
    spares: kc(/track_script \{[^}]*\}/, 'track_process {\n nginx\n }'),
  },
  'check-not-defined': {
    lights: kc('vrrp_script check_nginx', 'vrrp_script check_ngnix'),
    spares: kc('vrrp_script check_nginx', 'vrrp_script "check_nginx"'),
  },
  'keepalived-conf-broken': {
    lights: kc('global_defs {', 'global_defs'),
    spares: kc('global_defs {', 'global_defs\n{'),
  },
  'instance-value-missing': {
    lights: kc(/virtual_router_id \d+/, 'virtual_router_id 999'),
    spares: kc(/virtual_router_id \d+/, 'virtual_router_id 255'),
  },
  'no-instance': {
    lights: kc(/vrrp_instance[\s\S]*/, ''),
    spares: (pair) => {
      const text = pair.file(KEEPALIVED).text;
      const [, instance = ''] = /(vrrp_instance[\s\S]*)/.exec(text) ?? [];
      pair.put('/etc/keepalived/conf.d/pair.conf', instance, { mode: 0o644 });
      kc(/vrrp_instance[\s\S]*/, 'include conf.d/*.conf\n')(pair);
    },
  },
  'keepalived-include-missing': {
    lights: (pair) => {
      kc('global_defs {', 'include /etc/keepalived/more.conf\nglobal_defs {')(pair);
      pair.node('lb1').files.set('/etc/keepalived/more.conf', { is: 'absent' });
    },
    spares: kc('global_defs {', 'include /etc/keepalived/*.more\nglobal_defs {'),
  },
  'garp-interval-zero': {
    lights: kc('script_user root', 'script_user root\n vrrp_garp_interval 0'),
    spares: kc('script_user root', 'script_user root\n vrrp_garp_interval 0.1'),
  },
  'vrrp-strict': {
    lights: kc('script_user root', 'script_user root\n vrrp_strict'),
    spares: kc('script_user root', 'script_user root\n #vrrp_strict'),
  },
  'advert-addresses-unchecked': {
    lights: kc('script_user root', 'script_user root\n vrrp_skip_check_adv_addr'),
    spares: kc('script_user root', 'script_user root\n vrrp_skip_check_adv_addr off'),
  },
  'sample-mail-settings': {
    lights: kc('script_user root', 'script_user root\n smtp_server 192.168.200.1'),
    spares: kc('script_user root', 'script_user root\n smtp_server 192.168.200.11'),
  },
  'mail-never-sent': {
    lights: kc('script_user root', 'script_user root\n notification_email {\n ops@example.net\n }'),
    spares: kc('script_user root', 'script_user root\n smtp_alert true\n notification_email {\n ops@example.net\n }'),
  },
  'check-script-missing': {
    lights: (pair) => pair.node('lb2').files.set(SCRIPT, { is: 'absent' }),
    spares: (pair) => pair.node('lb2').files.set(SCRIPT, { is: 'unknown', why: 'permission' }),
  },
  'check-not-executable': {
    lights: (pair) => {
      pair.file(SCRIPT, 'lb2').mode = 0o644;
    },
    spares: (pair) => {
      pair.file(SCRIPT, 'lb2').mode = 0o744;
    },
  },
  'check-never-fails': {
    lights: script('if [ "$(curl -s 127.0.0.1)" = "" ]; then', '  logger "nginx is silent"', 'fi'),
    spares: script('curl -s 127.0.0.1 > /dev/null'),
  },
  'check-kills-keepalived': {
    lights: script(ASK, 'pkill -x keepalived'),
    spares: script(ASK, '# killall keepalived', 'echo keepalived stays'),
  },
  'check-counts-processes': {
    lights: script('[ "$(pgrep -c nginx)" -gt 0 ] || exit 1'),
    spares: script('pgrep nginx > /dev/null || exit 1', ASK),
  },
  'check-fights-operator': {
    lights: script(ASK, `${START} || exit 1`),
    spares: script('[ -e /run/pause ] && exit 1', `${START} || exit 1`),
  },
  'check-timeout-too-short': { lights: kc(/timeout \d+/, 'timeout 4'), spares: kc(/timeout \d+/, 'timeout 7') },
  'check-restarts-without-limit': {
    lights: script('[ -e /run/pause ] && exit 1', `${START} || exit 1`),
    spares: script('[ "$(cat /run/n)" -ge 4 ] && exit 1', `${START} || exit 1`),
  },
  'check-log-grows': {
    lights: script(ASK, 'echo "$(date): fine" >> /etc/keepalived/check.log'),
    spares: (pair) => {
      script(ASK, 'LOG=/etc/keepalived/check.log', 'echo "$(date): fine" >> "$LOG"')(pair);
      for (const name of ['lb1', 'lb2'])
        pair.node(name).rotated.set('/etc/keepalived/check.log', { is: 'seen', value: true });
    },
  },
  'script-anyone-may-write': {
    lights: (pair) => {
      pair.file(SCRIPT).mode = 0o757;
    },
    spares: (pair) => {
      pair.file(SCRIPT).mode = 0o775;
    },
  },
  'script-security-drops-check': {
    lights: (pair) => {
      pair.file(SCRIPT).owner = 'ops';
    },
    spares: (pair) => {
      pair.file(SCRIPT).owner = 'ops';
      kc('enable_script_security', '')(pair);
    },
  },
  'script-security-off': {
    lights: kc('enable_script_security', '# enable_script_security'),
    spares: kc('enable_script_security', '  enable_script_security # on'),
  },
  'script-user-unset': {
    lights: kc('script_user root', ''),
    spares: (pair) => kc('interval 1', 'interval 1\n user root')(kc('script_user root', '')(pair)),
  },
  'config-anyone-may-write': {
    lights: (pair) => {
      pair.file(NGINX).mode = 0o666;
    },
    spares: (pair) => {
      pair.file(NGINX).mode = 0o664;
    },
  },
  'auth-pass-readable': {
    lights: kc('advert_int 1', auth('q7T.x2')),
    spares: (pair) => {
      kc('advert_int 1', auth('q7T.x2'))(pair);
      for (const name of ['lb1', 'lb2']) pair.file(KEEPALIVED, name).mode = 0o640;
    },
  },
  'nginx-conf-broken': {
    lights: nc('sendfile            on;', 'sendfile            on'),
    spares: nc('sendfile            on;', 'sendfile\n "on" ; # }'),
  },
  'nginx-include-missing': {
    lights: (pair) => {
      nc('sendfile ', 'include site.conf;\n sendfile ')(pair);
      pair.node('lb1').files.set('/etc/nginx/site.conf', { is: 'absent' });
    },
    spares: (pair) => {
      nc('sendfile ', 'include site.conf;\n sendfile ')(pair);
      pair.put('/etc/nginx/site.conf', 'gzip on;\n', { mode: 0o644 });
    },
  },
  'upstream-without-zone': {
    lights: nc(/zone ProxyServer 64k;/, ''),
    spares: (pair) => nc('worker_processes auto', 'worker_processes 1')(nc(/zone ProxyServer 64k;/, '')(pair)),
  },
  'upstream-failures-unsaid': { lights: nc(' max_fails=1', ''), spares: nc(' fail_timeout=10s', '') },
  'upstream-never-taken-out': { lights: nc('max_fails=1', 'max_fails=0'), spares: nc('max_fails=1', 'max_fails=10') },
  'upstream-of-one': {
    lights: nc(/server 172.16.249.202[^;]*;/, ''),
    spares: nc(/server 172.16.249.202/, 'server 172.16.249.203'),
  },
  'proxy-connect-timeout-long': {
    lights: nc('proxy_connect_timeout 500ms', 'proxy_connect_timeout 1m'),
    spares: nc('proxy_connect_timeout 500ms', 'proxy_connect_timeout 5s'),
  },
  'proxy-read-timeout-long': {
    lights: nc('proxy_read_timeout 5s;', ''),
    spares: (pair) => nc('sendfile ', 'proxy_read_timeout 30;\n sendfile ')(nc('proxy_read_timeout 5s;', '')(pair)),
  },
  'next-upstream-unbounded': {
    lights: nc('proxy_next_upstream_timeout 6s', 'proxy_next_upstream_timeout 0'),
    spares: nc('proxy_next_upstream_timeout 6s', 'proxy_next_upstream_timeout "0m 6s"'),
  },
  'client-abort-hides-hung-web': {
    lights: nc('proxy_ignore_client_abort on', 'proxy_ignore_client_abort off'),
    spares: (pair) =>
      nc('sendfile ', 'proxy_ignore_client_abort on;\n sendfile ')(nc('proxy_ignore_client_abort on;', '')(pair)),
  },
  'error-page-not-there': {
    lights: nc('location / {', 'error_page 502 /50x.html;\n location = /50x.html {\n }\n location / {'),
    spares: nc(
      'location / {',
      'error_page 502 /50x.html;\n location = /50x.html {\n root /usr/share/nginx/html;\n }\n location / {',
    ),
  },
  'listens-on-vip': {
    lights: nc('80 default_server', '172.16.249.80:80 default_server'),
    spares: nc('80 default_server', '0.0.0.0:80 default_server'),
  },
  'drift-instances': {
    lights: kc(
      'vrrp_instance VI_1',
      'vrrp_instance VI_0 {\n virtual_router_id 7\n virtual_ipaddress {\n 172.16.249.80\n }\n}\nvrrp_instance VI_1',
      'lb2',
    ),
    spares: kc('vrrp_instance VI_1', 'vrrp_instance VI_2', 'lb2'),
  },
  'drift-vrid': {
    lights: kc(/virtual_router_id \d+/, 'virtual_router_id 52', 'lb2'),
    spares: kc(/virtual_router_id \d+/, 'virtual_router_id 52'),
  },
  'drift-auth': {
    lights: (pair) => kc('advert_int 1', auth('q7T.x2'), 'lb1')(kc('advert_int 1', auth('q7T.x3'), 'lb2')(pair)),
    spares: kc('advert_int 1', auth('q7T.x2')),
  },
  'drift-advert-interval': {
    lights: kc('advert_int 1', 'advert_int 3', 'lb2'),
    spares: kc('advert_int 1', 'advert_int 1.0', 'lb2'),
  },
  'drift-vips': {
    lights: kc('172.16.249.90', '', 'lb2'),
    spares: kc(/172\.16\.249\.80\s+172\.16\.249\.90/, '172.16.249.90\n172.16.249.80', 'lb2'),
  },
  'drift-unicast-peers': {
    lights: kc(/unicast_peer \{\s*172.16.249.101/, 'unicast_peer {\n 172.16.249.111', 'lb2'),
    spares: kc(/unicast_peer \{/, 'unicast_peer {\n 172.16.249.111', 'lb2'),
  },
  'drift-keepalived-conf': { lights: kc('fall 2', 'fall 5', 'lb2'), spares: kc('fall 2', 'fall     2 # two', 'lb2') },
  'router-id-equal': {
    lights: kc('router_id lb2', 'router_id lb1', 'lb2'),
    spares: kc('router_id lb2', 'router_id LB1', 'lb2'),
  },
  'drift-check-script': {
    lights: (pair) => pair.edit(SCRIPT, 'MAX_RESTARTS=4', 'MAX_RESTARTS=9', 'lb2'),
    spares: (pair) => pair.edit(SCRIPT, 'MAX_RESTARTS=4', '\n# four\nMAX_RESTARTS=4', 'lb2'),
  },
  'drift-upstream': {
    lights: nc('172.16.249.202:80 weight=1', '172.16.249.202:80 weight=9', 'lb2'),
    spares: nc('172.16.249.202:80', '172.16.249.203:80'),
  },
  'drift-nginx-conf': {
    lights: nc('keepalive_timeout   65', 'keepalive_timeout   5', 'lb2'),
    spares: nc('keepalive_timeout   65;', 'keepalive_timeout 65; # s', 'lb2'),
  },
  'drift-versions': {
    lights: (pair) => pair.node('lb2').versions.set('keepalived', { is: 'seen', value: '1.3.5' }),
    spares: (pair) => pair.node('lb2').versions.set('keepalived', { is: 'unknown', why: 'no right' }),
  },
  'unit-not-enabled': {
    lights: (pair) => pair.node('web1').units.set('apache2', { is: 'seen', value: 'disabled' }),
    spares: (pair) => pair.node('web1').units.set('apache2', { is: 'seen', value: 'static' }),
  },
  'keepalived-test-fails': {
    lights: (pair) => {
      pair.node('lb1').keepalivedTest = { is: 'seen', value: [{ weight: 'fatal', text: 'line 3: no such interface' }] };
    },
    spares: (pair) => {
      pair.node('lb1').keepalivedTest = { is: 'seen', value: [{ weight: 'harmless', text: 'Truncating' }] };
    },
  },
  'nginx-test-fails': {
    lights: (pair) => {
      pair.node('lb1').nginxTest = { is: 'seen', value: [`unknown directive "x" in ${NGINX}:3`] };
    },
    spares: (pair) => {
      pair.node('lb1').nginxTest = { is: 'unknown', why: 'no right' };
    },
  },
  'clock-not-kept': {
    lights: (pair) => {
      pair.node('web2').timeSync = { is: 'absent' };
    },
    spares: (pair) => {
      pair.node('web2').timeSync = { is: 'seen', value: 'container (lxc)' };
    },
  },
  'web-page-in-noindex': {
    lights: (pair) => {
      pair.node('web1').files.delete('/var/www/html/index.html');
      pair.put('/usr/share/httpd/noindex/index.html', 'HTTP WEB NODE 01\n', {}, 'web1');
    },
    spares: (pair) => pair.put('/usr/share/httpd/noindex/index.html', '<h1>HTTP Server Test Page</h1>', {}, 'web1'),
  },
  'vip-not-watched': {
    lights: (pair) => {
      pair.input.vips = ['172.16.249.80', '172.16.249.90'];
    },
    spares: (pair) => {
      pair.input.vips = [];
    },
  },
  'vip-nowhere': {
    lights: (pair) => {
      pair.input.vips!.push('172.16.249.99');
    },
    spares: (pair) => {
      pair.input.vips!.pop();
    },
  },
};
