import { addressFamily } from '../config/address.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Balancer, Plan } from './plan.ts';

/** What the tutorial itself says where the cluster file is silent. */
const ORIGINAL = { interface: 'ens33', vrid: 51, user: 'nginx' } as const;

/** The tutorial's nginx.conf, word for word apart from the web nodes and, when the cluster file names one, the user. */
export const tutorialNginxConf = (
  plan: Plan,
  config: ClusterConfig,
): string => `user ${config.render?.nginxUser ?? ORIGINAL.user};
worker_processes auto;
error_log /var/log/nginx/error.log;
pid /run/nginx.pid;
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
    #include /etc/nginx/conf.d/*.conf;
    upstream ProxyServer {
${plan.backends.map(({ server, weight }) => `       server ${server} weight=${weight};`).join('\n')}
    }
    server {
        listen       80 default_server;
        listen       [::]:80 default_server;
        server_name  _;
        # root         /usr/share/nginx/html;
        # include /etc/nginx/default.d/*.conf;
        location / {
            proxy_pass   http://ProxyServer;  
            index  index.html index.htm; 
        }
        error_page 404 /404.html;
            location = /40x.html {
        }
        error_page 500 502 503 504 /50x.html;
            location = /50x.html {
        }
    }
}
`;

/** The tutorial's keepalived.conf, word for word apart from the interface, the VRID, the priorities and the VIPs. */
export const tutorialKeepalivedConf = (plan: Plan, config: ClusterConfig, self: Balancer): string => {
  const index = plan.balancers.indexOf(self);
  const differs = index === 0 ? '' : '(这里与Server1不同)';
  const role = index === 0 ? '最大的是主' : '这里是备(这里与Server1不同)';
  const vips = [...plan.vips, ...plan.otherVips].filter((vip) => addressFamily(vip) === plan.family);
  return `! Configuration File for keepalived

global_defs {
   notification_email {
     acassen@firewall.loc
     failover@firewall.loc
     sysadmin@firewall.loc
   }
   notification_email_from Alexandre.Cassen@firewall.loc
   smtp_server 192.168.200.1
   smtp_connect_timeout 30
   router_id NginxNode${String(index + 1).padStart(3, '0')} # 唯一标识不可重复${differs}
   vrrp_skip_check_adv_addr
   #vrrp_strict # 不注释无法访问VIP
   vrrp_garp_interval 0
   vrrp_gna_interval 0
}

# 检测配置
vrrp_script check_nginx {
   script "/etc/keepalived/check_nginx.sh" # 心跳检测脚本,用于检测Nginx服务,如果发现Nginx服务挂了,就立刻重启,如果重启多次后依旧发现起不来,则直接将当期服务器Keepalived节点服务关闭;
   interval 5 # 心跳检测周期(秒)
   weight -20 # 脚本检测失败的话 将减少priority优先级 每脚本检测失败后进行权重变更的单位 
   fall 2 # 检测脚本2次均失败的话,则认为脚本检测失败,进行服务优先级权重值变更
   rise 1 # 检测脚本1次成功的话,就认为脚本检测成功,不会变更优先级权重值
}

vrrp_instance VI_1 {
    state MASTER # 节点名称 MASTER/BACKUP 一般不关注,主要做个标识,主备依旧通过priority来控制
    interface ${config.vrrp.interface ?? ORIGINAL.interface} # 网卡名称
    virtual_router_id ${config.vrrp.virtualRouterId ?? ORIGINAL.vrid} # Keepalived服务集群编号 同号同集群
    priority ${self.priority} # 主备权重优先级 越大优先级越高 默认100 ${role}
    advert_int ${plan.advertInterval} # 主备通讯时间间隔(秒)
    # 验证类型与密码 主备服务必须使用相同的验证方式与密码才可以正常通讯
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    # 添加检测脚本
    track_script {
        check_nginx
    }
    # 虚拟IP地址,可以设置1个或多个,只要没被使用过的同域IP均可
    virtual_ipaddress {
${vips.map((vip) => `        ${vip}`).join('\n')}
    }
}
`;
};

/** The tutorial's check_nginx.sh, word for word. */
export const tutorialCheckScript = `#!/bin/bash
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
