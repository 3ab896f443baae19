import { arm, by, HOLDERS, ops, SAID, type Scene, wait } from './step.ts';

const SHOWN = `systemctl show --no-pager -p ${[
  ...['Unit', 'NextElapseUSecMonotonic', 'LastTriggerUSecMonotonic', 'Result', 'AccuracyUSec', 'RemainAfterElapse'],
  ...['Type', 'MainPID', 'ExecMainStatus', 'ExecMainCode', 'ExecStart', 'Id', 'Names', 'Triggers', 'TriggeredBy'],
  ...['Description', 'LoadState', 'ActiveState', 'SubState', 'FragmentPath', 'UnitFileState', 'LoadError', 'Transient'],
  ...['ActiveEnterTimestamp', 'ActiveEnterTimestampMonotonic', 'StateChangeTimestampMonotonic'],
].join(',')} haconsole-restore.timer haconsole-restore.service`;

/** The restore timer. */
export const TIMER: readonly Scene[] = [
  {
    name: 'timer',
    title: 'the restore timer is armed, found armed, armed again, cancelled',
    node: 'lb1',
    steps: [
      ...ops(SHOWN, arm(600), SHOWN, arm(300)),
      SAID,
      ...ops(
        'sudo -n systemctl restart haconsole-restore.timer',
        SHOWN,
        'sudo -n systemctl reload haconsole-restore.timer',
      ),
      ...by('nosudo', 'systemctl stop haconsole-restore.timer'),
      ...ops('systemctl is-active haconsole-restore.timer', 'sudo -n systemctl stop haconsole-restore.timer', SHOWN),
      SAID,
      ...ops(
        'sudo -n systemctl stop haconsole-restore.timer',
        'sudo -n systemctl restart haconsole-restore.timer',
        arm(600),
        'sudo -n systemctl start haconsole-restore.service',
        SHOWN,
        'sudo -n systemctl stop haconsole-restore.timer haconsole-restore.service',
        SHOWN,
        'sudo -n systemd-run --unit=haconsole-restore --on-active=1 -- nosuchcmd',
        'sudo -n systemd-run --unit=haconsole-restore --on-active=bad -- systemctl start nginx',
        'sudo -n systemd-run --unit=haconsole-restore --on-active=5 --timer-property=Frob=1 -- systemctl start nginx',
        'sudo -n systemd-run --frob --on-active=5 -- systemctl start nginx',
        'sudo -n systemd-run -q --unit=haconsole-restore --on-active="1min 30s" -- systemctl start nginx',
        SHOWN,
        'sudo -n systemctl stop haconsole-restore.timer',
      ),
      SAID,
    ],
  },
  {
    name: 'timer-restarts',
    title: 'a timer that is restarted too often is dead, unless its count is reset each time',
    node: 'lb1',
    steps: [
      ...ops(arm(600)),
      ...ops(...Array.from({ length: 6 }, () => 'sudo -n systemctl restart haconsole-restore.timer')),
      ...ops(
        SHOWN,
        'sudo -n systemctl restart haconsole-restore.timer',
        'sudo -n systemctl stop haconsole-restore.timer',
        arm(600),
        'sudo -n systemctl reset-failed haconsole-restore.timer',
        SHOWN,
        arm(600),
      ),
      SAID,
      ...Array.from({ length: 6 }, () =>
        ops(
          'sudo -n systemctl reset-failed haconsole-restore.timer',
          'sudo -n systemctl restart haconsole-restore.timer',
        ),
      ).flat(),
      ...ops('systemctl is-active haconsole-restore.timer', 'sudo -n systemctl stop haconsole-restore.timer'),
    ],
  },
  {
    name: 'timer-fires',
    title: 'the restore timer starts what was stopped, and nothing is left of it',
    node: 'lb1',
    steps: [
      ...ops(
        arm(3),
        'sudo -n systemctl stop keepalived',
        'sudo -n systemctl stop nginx',
        'systemctl is-active nginx keepalived',
      ),
      wait(2500),
      ...ops('systemctl is-active nginx keepalived', SHOWN),
      SAID,
      wait(3500),
      HOLDERS,
    ],
  },
  {
    name: 'timer-fails',
    title: 'a restore that fails stays, and its name is taken until it is reset',
    node: 'lb2',
    steps: [
      { fault: ['break-nginx', 'lb2'] },
      ...ops('sudo -n systemctl stop keepalived', 'sudo -n systemctl stop nginx', arm(1)),
      wait(1600),
      ...ops('systemctl is-active nginx keepalived', SHOWN, arm(300)),
      SAID,
      ...ops(
        'sudo -n systemctl reset-failed haconsole-restore.timer',
        'sudo -n systemctl reset-failed haconsole-restore.service',
        SHOWN,
        arm(300),
        'sudo -n systemctl stop haconsole-restore.timer',
        'sudo -n systemctl reset-failed haconsole-restore.service',
      ),
    ],
  },
  {
    name: 'timer-runs',
    title: 'the service of the timer while it runs',
    node: 'lb2',
    steps: [
      ...ops(arm(1).replace('systemctl start nginx keepalived', 'sleep 4')),
      wait(1500),
      ...ops(
        SHOWN,
        arm(300),
        'sudo -n systemctl stop haconsole-restore.timer',
        SHOWN,
        arm(300),
        'sudo -n systemctl stop haconsole-restore.service',
        SHOWN,
      ),
      SAID,
    ],
  },
];
