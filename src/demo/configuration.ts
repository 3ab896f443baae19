import { readKeepalivedFile } from './keepalived-conf/read.ts';
import type { KeepalivedSettings } from './keepalived-conf/settings.ts';

/** `tutorial`: the tutorial's files word for word in what matters; `fixed`: with its foot-guns removed. */
export type Flavour = 'fixed' | 'tutorial';

/** What the configuration files of one cluster are made from. */
export type Layout = {
  flavour: Flavour;
  vips: readonly string[];
  webs: readonly { name: string; address: string; identity: string }[];
};

/** `/etc/nginx/nginx.conf` of a load balancer. */
export const nginxConfiguration = ({ flavour, webs }: Layout): string => {
  const fixed = flavour === 'fixed';
  const servers = webs.map(({ address }) =>
    fixed ? `        server ${address}:80 max_fails=1 fail_timeout=10s;` : `       server ${address}:80 weight=1;`,
  );
  return `user www-data;
worker_processes auto;
error_log /var/log/nginx/error.log;
pid /run/nginx.pid;
events {
    worker_connections 1024;
}
http {
    access_log  /var/log/nginx/access.log;
    sendfile            on;
    tcp_nopush          on;
    keepalive_timeout   65;
    include             /etc/nginx/mime.types;
    default_type        application/octet-stream;
    upstream ProxyServer {
${fixed ? '        zone ProxyServer 64k;\n' : ''}${servers.join('\n')}
    }
    server {
        listen       80 default_server;
        listen       [::]:80 default_server;
        server_name  _;
        location / {
            proxy_pass   http://ProxyServer;
${fixed ? '            proxy_connect_timeout 500ms;\n            proxy_read_timeout 5s;\n            proxy_next_upstream_timeout 6s;\n            proxy_ignore_client_abort on;\n' : '            index  index.html index.htm;\n'}        }
${fixed ? '' : '        error_page 500 502 503 504 /50x.html;\n            location = /50x.html {\n        }\n'}    }
}
`;
};

/** `/etc/keepalived/keepalived.conf` of the load balancer with this priority. */
export const keepalivedConfiguration = (
  { flavour, vips }: Layout,
  node: { routerId: string; priority: number; ifname: string; address: string; peers: readonly string[] },
): string => {
  const fixed = flavour === 'fixed';
  return `! Configuration File for keepalived

global_defs {
   router_id ${node.routerId}
${fixed ? '   enable_script_security\n   script_user root\n' : ''}${fixed ? '   vrrp_garp_master_refresh 10\n' : '   vrrp_skip_check_adv_addr\n   vrrp_garp_interval 0\n   vrrp_gna_interval 0\n'}}

vrrp_script check_nginx {
   script "/etc/keepalived/check_nginx.sh"
   interval ${fixed ? '1\n   timeout 10' : 5}
   weight ${fixed ? -60 : -20}
   fall 2
   rise ${fixed ? 3 : 1}
}

vrrp_instance VI_1 {
    state ${fixed ? 'BACKUP' : 'MASTER'}
    interface ${node.ifname}
    virtual_router_id ${fixed ? Number(vips[0]?.split('.')[3] ?? 51) : 51}
    priority ${node.priority}
    advert_int 1
${fixed ? `    unicast_src_ip ${node.address}\n    unicast_peer {\n${node.peers.map((peer) => `        ${peer}\n`).join('')}    }` : '    authentication {\n        auth_type PASS\n        auth_pass 1111\n    }'}
    track_script {
        check_nginx
    }
    virtual_ipaddress {
${vips.map((vip) => `        ${vip}`).join('\n')}
    }
}
`;
};

/** The corrected check script restarts nginx at most so often within so many ms. */
export const RESTARTS = { most: 4, within: 120_000 };

const TUTORIAL_SCRIPT = `#!/bin/bash
nginxpid=\`ps -C nginx --no-header | wc -l\`
if [ $nginxpid -eq 0 ];then
    systemctl restart nginx
    sleep 2
    echo "$(date): systemctl restart nginx" >> /etc/keepalived/check_nginx.log
    nginxpid=\`ps -C nginx --no-header | wc -l\`
    if [ $nginxpid -eq 0 ];then
        killall keepalived
        echo "$(date): killall keepalived" >> /etc/keepalived/check_nginx.log
    fi
fi
`;

const FIXED_SCRIPT = `#!/bin/bash
# The machines of the demo are modelled: this text says what the model does, nothing runs it.
LOG=/etc/keepalived/check_nginx.log
answers() {
    timeout 1 bash -c 'exec 3<>/dev/tcp/127.0.0.1/80 && printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3 && read -r _ <&3' 2>/dev/null
}
answers && exit 0
case "$(systemctl is-active nginx)" in inactive | failed) ;; *) exit 1 ;; esac
[ "$(systemctl is-enabled nginx)" = masked ] && exit 1
read -r uptime _ < /proc/uptime
now=\${uptime%%.*} recent=()
[ -r /run/check_nginx.restarts ] && while read -r at; do
    (( at <= now && now - at < ${RESTARTS.within / 1000} )) && recent+=("$at")
done < /run/check_nginx.restarts
(( \${#recent[@]} >= ${RESTARTS.most} )) && exit 1
printf '%s\\n' "\${recent[@]}" "$now" > /run/check_nginx.restarts
tail -n 1000 "$LOG" > "$LOG.short" && cat "$LOG.short" > "$LOG"
echo "$(date -u): systemctl restart nginx" >> "$LOG"
systemctl restart nginx && answers && exit 0
exit 1
`;

/** `/etc/keepalived/check_nginx.sh`. */
export const checkScript = (flavour: Flavour): string => (flavour === 'fixed' ? FIXED_SCRIPT : TUTORIAL_SCRIPT);

/** Reads back what the model follows from a file alone, whatever machine it is meant for. */
export const readKeepalived = (text: string): KeepalivedSettings => {
  const interfaces = [...text.matchAll(/^\s*interface\s+(\S+)/gm)].map((found) => found[1]!);
  const script = () => ({ mode: '755', owner: 'root' });
  return readKeepalivedFile(text, { interfaces, script, root: true }).settings;
};
