import type { Balancer, Plan } from './plan.ts';

/** The Host by which the check script reaches the server block that nginx answers by itself. `.invalid` is nobody's (RFC 6761). */
export const CHECK_HOST = 'check-nginx.invalid';

/** /etc/nginx/nginx.conf of one load balancer: the tutorial's proxy, made right. */
export const nginxConf = (plan: Plan, self: Balancer): string => {
  const servers = plan.backends.map(
    ({ server, weight }) => `        server ${server} weight=${weight} max_fails=1 fail_timeout=10s;`,
  );
  return `# Written by haconsole render for ${self.name} of cluster ${plan.cluster}. Change the cluster file, not this one.
# Every load balancer has the same nginx.conf. Before use: nginx -t && systemctl reload ${plan.nginxUnit}
# Once: systemctl enable --now ${plan.nginxUnit}. The tutorial only starts it, so after a power loss nothing would come back.
# Debian and Ubuntu: as it stands. CentOS and Rocky: "user nginx" (render.nginxUser in the cluster file); all else stays.
# There, with SELinux on (the tutorial turns it off): setsebool -P httpd_can_network_connect 1

user ${plan.nginxUser};
worker_processes auto;
error_log /var/log/nginx/error.log;
pid /run/nginx.pid;

# Dynamic modules: the first is where Debian puts them, the second CentOS. No match is no error.
include /etc/nginx/modules-enabled/*.conf;
include /usr/share/nginx/modules/*.conf;

events {
    worker_connections 1024;
}

http {
    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';
    access_log  /var/log/nginx/access.log  main;
    sendfile            on;
    tcp_nopush          on;
    tcp_nodelay         on;
    keepalive_timeout   65;
    types_hash_max_size 2048;
    include             /etc/nginx/mime.types;
    default_type        application/octet-stream;

    upstream ProxyServer {
        # Not in the tutorial: one shared memory zone, else each worker has a rotation and a failure count of its own.
        zone ProxyServer 64k;
        # max_fails and fail_timeout are the defaults, said aloud: one failure takes a web node out for 10 s.
${servers.join('\n')}
    }

    # Not in the tutorial: nginx's own answer for check_nginx.sh; it must not depend on the web nodes, whose failure no VIP move heals.
    server {
        listen       ${self.port};
        listen       [::]:${self.port};
        server_name  ${CHECK_HOST};
        access_log   off;
        return       204;
    }

    server {
        # Listening on every address, not on the VIPs: the backup, which has no VIP, could not start otherwise.
        listen       ${self.port} default_server;
        listen       [::]:${self.port} default_server;
        server_name  _;
        location / {
            proxy_pass   ${plan.backendScheme}://ProxyServer;
            # Not in the tutorial: else the web nodes see the name "ProxyServer" and only the balancer's address.
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            # Not in the tutorial, where a silent web node holds a request for 60 s. Pages that take longer need more here.
            proxy_connect_timeout 500ms;
            proxy_read_timeout 5s;
            proxy_send_timeout 5s;
            # Not in the tutorial: bounds the second try, so that a request ends even when every web node hangs.
            proxy_next_upstream_timeout 6s;
            # Not in the tutorial: with clients that give up first, nginx would never count a hung web node as failed.
            proxy_ignore_client_abort on;
        }
        # The tutorial's error_page lines are left out: their pages do not exist, so a 502 would reach the client as a 404.
    }
}
`;
};
