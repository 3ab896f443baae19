import { logOutput, type ReadFile } from './keepalived-conf/read.ts';

/** Where keepalived reads, unless it is told otherwise. */
export const KEEPALIVED_CONFIGURATION = '/etc/keepalived/keepalived.conf';

/** What it calls itself. */
export const VERSION = 'v2.2.7 (01/16,2022)';

const KERNEL = 'Linux 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1';

/** Its unit, as Debian 12 has it. */
export const UNIT_FILE = `[Unit]
Description=Keepalive Daemon (LVS and VRRP)
After=network-online.target
Wants=network-online.target
ConditionFileNotEmpty=${KEEPALIVED_CONFIGURATION}

[Service]
Type=notify
EnvironmentFile=-/etc/default/keepalived
ExecStart=/usr/sbin/keepalived --dont-fork $DAEMON_ARGS
ExecReload=/bin/kill -HUP $MAINPID

[Install]
WantedBy=multi-user.target
`;

/** A line of the journal: by the parent (`Keepalived`) or the child (`Keepalived_vrrp`). */
export type Spoken = [who: 'parent' | 'child', message: string];

const told = (file: ReadFile, reader: 'parent' | 'vrrp', between?: string): Spoken[] =>
  logOutput(file, KEEPALIVED_CONFIGURATION, reader, between).map((line) => [
    reader === 'parent' ? 'parent' : 'child',
    line,
  ]);

/** What it says when it starts, up to where its child has read the file. */
export const introduction = (file: ReadFile, childPid: number): Spoken[] => {
  const idle = !file.settings.instance && file.end === 'runs';
  return [
    ['parent', `Starting Keepalived ${VERSION}`],
    ['parent', `Running on ${KERNEL} (built for Linux 5.19.11)`],
    ['parent', "Command line: '/usr/sbin/keepalived' '--dont-fork'"],
    ['parent', `Configuration file ${KEEPALIVED_CONFIGURATION}`],
    ...told(file, 'parent'),
    ['parent', 'NOTICE: setting config option max_auto_priority should result in better keepalived performance'],
    ...(idle
      ? ([['parent', 'Warning - keepalived has no configuration to run']] satisfies Spoken[])
      : ([['parent', `Starting VRRP child process, pid=${childPid}`], ...told(file, 'vrrp')] satisfies Spoken[])),
  ];
};

/** What it says when it reads its file again. */
export const rereading = (file: ReadFile): Spoken[] => [
  ['parent', 'Reloading ...'],
  ['parent', `Configuration file ${KEEPALIVED_CONFIGURATION}`],
  ...told(file, 'parent'),
  ['child', 'Reloading'],
  ...told(file, 'vrrp', 'VRRP_Script(check_nginx) considered successful on reload'),
];
