import type { Daemon } from './daemon.ts';
import type { Machine } from './machine.ts';
import type { Unit } from './unit.ts';
import type { Answerer, Reply } from './web-answer.ts';

const PAGE = '/var/www/html/index.html';
const SERVER = 'Apache/2.4.62 (Debian)';

/** Debian's apache2 on a web node: its unit and how it answers. */
export type WebServer = {
  unit: Unit;
  answer: Answerer;
  /** Runs `listener` when its processes are gone and with them every connection. */
  onChange(listener: () => void): void;
};

const UNIT_FILE = `[Unit]
Description=The Apache HTTP Server
After=network.target remote-fs.target nss-lookup.target
Documentation=https://httpd.apache.org/docs/2.4/

[Service]
Type=forking
Environment=APACHE_STARTED_BY_SYSTEMD=true
ExecStart=/usr/sbin/apachectl start
ExecStop=/usr/sbin/apachectl graceful-stop
ExecReload=/usr/sbin/apachectl graceful
KillMode=mixed
PrivateTmp=true
Restart=on-abort

[Install]
WantedBy=multi-user.target
`;

const notFound = (address: string): string => `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>404 Not Found</title>
</head><body>
<h1>Not Found</h1>
<p>The requested URL was not found on this server.</p>
<hr>
<address>${SERVER} Server at ${address} Port 80</address>
</body></html>
`;

/** Installs apache2 serving one page. */
export const installApache = (machine: Machine, identity: string): WebServer => {
  machine.files.write(PAGE, `${identity}\n`);
  const waiting = new Map<() => void, () => void>();
  const listeners: (() => void)[] = [];
  const gone = (): void => {
    for (const reset of [...waiting.values()]) reset();
    waiting.clear();
    for (const listener of listeners) listener();
  };
  const daemon: Daemon = {
    name: 'apache2',
    description: 'The Apache HTTP Server',
    startTime: 50,
    stopTime: () => 60,
    reloadTime: 90,
    frozenStopTime: 60,
    unitFile: UNIT_FILE,
    preflight: () => ({ kind: 'runs' }),
    processes: (nextPid, now) => {
      const pid = nextPid();
      const common = { started: now, name: 'apache2', command: '/usr/sbin/apache2 -k start' };
      return [
        { ...common, pid, ppid: 1, user: 'root', stat: 'Ss' },
        { ...common, pid: nextPid(), ppid: pid, user: 'www-data', stat: 'Sl' },
        { ...common, pid: nextPid(), ppid: pid, user: 'www-data', stat: 'Sl' },
      ];
    },
    started: () => {},
    stopping: () => {},
    stopped: gone,
    died: gone,
    freeze: (frozen) => {
      if (frozen) return;
      for (const answer of [...waiting.keys()]) answer();
      waiting.clear();
    },
    // Gracefully, and the parent looks for its signal once a second: new children come within 1.2 s (measured).
    reload: (renew) => {
      const main = unit.mainPid;
      machine.clock.after(50 + machine.random() * 1_000, () => {
        if (unit.mainPid === main) renew();
      });
      return { kind: 'runs' };
    },
  };
  const unit = machine.install(daemon);
  const reply = (path: string): Reply => {
    const page = path === '/' || path === '/index.html' ? machine.files.get(PAGE) : undefined;
    if (!page) {
      const headers = { Server: SERVER, 'Content-Type': 'text/html; charset=iso-8859-1' };
      return { status: 404, headers, body: notFound(machine.address) };
    }
    const headers = {
      Server: SERVER,
      'Last-Modified': new Date(page.mtime).toUTCString(),
      ETag: `"${page.content.length.toString(16)}-${Math.round(page.mtime).toString(16)}"`,
      'Accept-Ranges': 'bytes',
      'Content-Type': 'text/html',
    };
    return { status: 200, headers, body: page.content };
  };
  return {
    unit,
    answer: (path, done) => {
      if (unit.processes.length === 0) {
        done({ error: 'refused' });
        return () => {};
      }
      const answer = (): void => done(reply(path));
      if (!unit.frozen) {
        answer();
        return () => {};
      }
      waiting.set(answer, () => done({ error: 'refused' }));
      return () => waiting.delete(answer);
    },
    onChange: (listener) => listeners.push(listener),
  };
};
