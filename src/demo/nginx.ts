import type { WebServer } from './apache.ts';
import type { Flavour } from './configuration.ts';
import type { Daemon } from './daemon.ts';
import type { Machine } from './machine.ts';
import { nginxText } from './tools/date.ts';
import { createUpstream, type Peer, type ProxySettings } from './upstream.ts';
import { nginxError } from './web-answer.ts';

export const NGINX_CONFIGURATION = '/etc/nginx/nginx.conf';

const MASTER = 'nginx: master process /usr/sbin/nginx -g daemon on; master_process on;';

const UNIT_FILE = `[Unit]
Description=A high performance web server and a reverse proxy server
Documentation=man:nginx(8)
After=network-online.target remote-fs.target nss-lookup.target
Wants=network-online.target

[Service]
Type=forking
PIDFile=/run/nginx.pid
ExecStartPre=/usr/sbin/nginx -t -q -g 'daemon on; master_process on;'
ExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'
ExecReload=/usr/sbin/nginx -g 'daemon on; master_process on;' -s reload
ExecStop=-/sbin/start-stop-daemon --quiet --stop --retry QUIT/5 --pidfile /run/nginx.pid
TimeoutStopSec=5
KillMode=mixed

[Install]
WantedBy=multi-user.target
`;

/** nginx's defaults are the tutorial's; the corrected files set short timeouts and a shared zone. */
const SETTINGS: Record<Flavour, ProxySettings> = {
  tutorial: {
    failTimeout: 10_000,
    connectTimeout: 60_000,
    readTimeout: 60_000,
    tryingTimeout: Number.POSITIVE_INFINITY,
    ignoreAbort: false,
    workers: 2,
  },
  fixed: {
    failTimeout: 10_000,
    connectTimeout: 500,
    readTimeout: 5_000,
    tryingTimeout: 6_000,
    ignoreAbort: true,
    workers: 1,
  },
};

/** What `nginx -t` has against the configuration file; empty when it is well. `PID` stands for the testing process. */
export const nginxErrors = (machine: Machine): string[] => {
  const file = machine.files.get(NGINX_CONFIGURATION);
  const failed = `nginx: configuration file ${NGINX_CONFIGURATION} test failed`;
  const emergency = `${nginxText(machine.clock.wall())} [emerg] PID#PID:`;
  if (!file) return [`${emergency} open() "${NGINX_CONFIGURATION}" failed (2: No such file or directory)`, failed];
  const lines = file.content.split('\n');
  const line = lines.findIndex((text) => /^\s*proxy_pas\b/.test(text)) + 1;
  if (line === 0) return [];
  return [`${emergency} unknown directive "proxy_pas" in ${NGINX_CONFIGURATION}:${line}`, failed];
};

/** Installs nginx 1.22.1 of Debian 12 as a reverse proxy before the peers. */
export const installNginx = (machine: Machine, flavour: Flavour, peers: readonly Peer[]): WebServer => {
  const waiting = new Set<() => void>();
  const listeners: (() => void)[] = [];
  const end = (): void => {
    waiting.clear();
    for (const listener of listeners) listener();
  };
  const daemon: Daemon = {
    name: 'nginx',
    description: 'A high performance web server and a reverse proxy server',
    startTime: 25,
    stopTime: () => 15,
    reloadTime: 40,
    // start-stop-daemon waits 5 s and looks less and less often; only then systemd thaws it (measured 8.2 s).
    frozenStopTime: 8180,
    unitFile: UNIT_FILE,
    preflight: () => {
      const lines = nginxErrors(machine);
      return lines.length === 0 ? { kind: 'runs' } : { kind: 'refused', lines };
    },
    processes: (nextPid, now) => {
      const pid = nextPid();
      const worker = {
        ppid: pid,
        user: 'www-data',
        stat: 'S',
        started: now,
        name: 'nginx',
        command: 'nginx: worker process',
      };
      return [
        { pid, ppid: 1, user: 'root', stat: 'Ss', started: now, name: 'nginx', command: MASTER },
        { ...worker, pid: nextPid() },
        { ...worker, pid: nextPid() },
      ];
    },
    started: () => {},
    stopping: () => {},
    stopped: end,
    died: end,
    freeze: (frozen) => {
      if (frozen) return;
      for (const answer of [...waiting]) answer();
      waiting.clear();
    },
    reload: (renew) => {
      const [first] = nginxErrors(machine);
      if (first !== undefined) return { kind: 'refused', lines: [first] };
      renew();
      const pid = machine.nextPid();
      const said = `${nginxText(machine.clock.wall())} [notice] ${pid}#${pid}: signal process started`;
      machine.journal.write('nginx.service', 'nginx', pid, said);
      return { kind: 'runs' };
    },
  };
  const unit = machine.install(daemon);
  const upstream = createUpstream(
    machine.clock,
    peers,
    SETTINGS[flavour],
    () => Math.floor(machine.random() * 2),
    (message) => {
      const line = `${nginxText(machine.clock.wall())} [error] ${unit.processes[1]?.pid ?? 0}#0: ${message}\n`;
      const log = machine.files.get('/var/log/nginx/error.log')?.content ?? '';
      machine.files.write('/var/log/nginx/error.log', (log + line).slice(-20_000), { mode: '640' });
    },
  );
  return {
    unit,
    answer: (path, done) => {
      if (unit.processes.length === 0) {
        done({ error: 'refused' });
        return () => {};
      }
      let cancel = (): void => {};
      const ask = (): void => {
        cancel = upstream(path, (outcome) => {
          if (!('error' in outcome)) {
            return done({ ...outcome, headers: { ...outcome.headers, Server: 'nginx/1.22.1' } });
          }
          // The tutorial's error_page points at a file that is not there: its 502 and 504 arrive as 404.
          done(nginxError(flavour === 'tutorial' ? 404 : outcome.error === 'timeout' ? 504 : 502));
        });
      };
      if (!unit.frozen) {
        ask();
        return () => cancel();
      }
      waiting.add(ask);
      return () => {
        waiting.delete(ask);
        cancel();
      };
    },
    onChange: (listener) => listeners.push(listener),
  };
};
