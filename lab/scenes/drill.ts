import { CONF, HOLDERS, ops, SAID, type Scene, wait } from './step.ts';

const NGINX = '/etc/nginx/nginx.conf';
const NGINX_ASIDE = `${NGINX}.haconsole-aside`;
const ASIDE = `${CONF}.haconsole-aside`;
const NEW = `${CONF}.haconsole-new`;

/** What a restore timer of a drill is given: one line of shell. */
const SHELL = `/bin/sh -c 'systemctl kill -s CONT nginx; test ! -e ${NGINX_ASIDE} || mv -f -- ${NGINX_ASIDE} ${NGINX}; systemctl reset-failed nginx keepalived; systemctl start nginx keepalived'`;
const armShell = (seconds: number): string =>
  `sudo -n systemd-run --unit=haconsole-restore --on-active=${seconds} --timer-property=AccuracySec=100ms --description=by.anna -- ${SHELL}`;

const SHOWN =
  'systemctl show --no-pager -p Id,ActiveState,SubState,ExecStart,Description haconsole-restore.service haconsole-restore.timer';

/** What drills do beyond actions: files are moved, processes are killed, a timer takes all of it back. */
export const DRILL: readonly Scene[] = [
  {
    name: 'file-aside',
    title: 'nginx.conf is set aside, and nginx neither reloads nor starts until it is back',
    node: 'lb2',
    steps: [
      ...ops(
        'sudo -n systemctl stop keepalived',
        `mv -n -- ${NGINX} ${NGINX_ASIDE}`,
        `sudo -n mv -n -- ${NGINX} ${NGINX_ASIDE}`,
        `sudo -n test -e ${NGINX}`,
        `sudo -n test -e ${NGINX_ASIDE}`,
        `sudo -n mv -n -- ${NGINX} ${NGINX_ASIDE}`,
        'sudo -n nginx -t',
      ),
      SAID,
      ...ops('sudo -n systemctl reload nginx', 'sudo -n systemctl stop nginx', 'sudo -n systemctl start nginx'),
      SAID,
      ...ops(
        `sudo -n mv -f -- ${NGINX_ASIDE} ${NGINX}`,
        `sudo -n mv -f -- ${NGINX_ASIDE} ${NGINX}`,
        `sudo -n sha256sum -- ${NGINX_ASIDE}`,
        'sudo -n systemctl start nginx keepalived',
        'systemctl is-active nginx keepalived',
      ),
      SAID,
    ],
  },
  {
    name: 'file-replaced',
    title: 'keepalived.conf is replaced by a copy and comes back as the file it was',
    node: 'lb1',
    steps: [
      ...ops(
        `sudo -n rm -f -- ${NEW}`,
        `cp -p -- ${CONF} ${NEW}`,
        `sudo -n cp -p -- ${CONF} ${NEW}`,
        `sudo -n cp -p -- ${CONF}.none ${NEW}`,
        `sudo -n ln -- ${CONF} ${ASIDE}`,
        `sudo -n ln -- ${CONF} ${ASIDE}`,
        `sudo -n ln -- ${CONF}.none ${ASIDE}.other`,
        `ln -- ${CONF} ${ASIDE}.other`,
        `sudo -n stat -c '%a %U' ${CONF} ${NEW} ${ASIDE}`,
        `sudo -n mv -f -- ${NEW} ${CONF}`,
        `sudo -n test -e ${NEW}`,
        `sudo -n rm -f -- ${NEW}`,
        `rm -f -- ${ASIDE}`,
        `sudo -n mv -f -- ${ASIDE} ${CONF}`,
        `sudo -n test -e ${ASIDE}`,
        `cat -- ${CONF}`,
        `sudo -n cat -- ${CONF}.none`,
        'sudo -n systemctl reload keepalived',
      ),
      wait(300),
      HOLDERS,
    ],
  },
  {
    name: 'timer-shell',
    title: 'a restore timer with a line of shell takes everything back, whatever was done',
    node: 'lb2',
    steps: [
      ...ops(
        armShell(4),
        SHOWN,
        'sudo -n systemctl stop keepalived',
        `sudo -n mv -n -- ${NGINX} ${NGINX_ASIDE}`,
        'sudo -n systemctl stop nginx',
        'sudo -n systemctl start nginx',
        'systemctl is-active nginx keepalived',
      ),
      wait(4500),
      ...ops('systemctl is-active nginx keepalived', `sudo -n test -e ${NGINX_ASIDE}`, SHOWN),
      SAID,
    ],
  },
];
