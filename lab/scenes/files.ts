import { by, CONF, LOG, ops, type Scene } from './step.ts';

/** Reading and appending to files. */
export const FILES: readonly Scene[] = [
  {
    name: 'files',
    title: 'reading and appending to files',
    node: 'lb1',
    steps: [
      { run: `sudo -n tee -- ${LOG}`, input: 'the first line\n' },
      { run: `tee -a -- ${LOG}`, as: 'nosudo', input: 'a note\n' },
      { run: `sudo -n tee -a -- ${LOG}`, input: 'a note\n' },
      { run: 'sudo -n tee -a -- /etc/nosuchdir/x.log', input: 'a note\n' },
      { run: 'sudo -n tee -a -- /etc/keepalived', input: 'a note\n' },
      { run: 'tee -a /etc/nosuchdir/x.log', as: 'nosudo', input: 'a note\n' },
      ...by(
        'nosudo',
        `tail -n 1 ${LOG}`,
        `cat ${LOG}`,
        'cat /nosuch',
        'cat /etc/keepalived',
        `cat ${CONF}`,
        `head -n 1 ${LOG}`,
        `head -c 3 ${LOG}`,
        `head -n 1 ${CONF}`,
        'head -n 1 /etc/keepalived',
        `tail -n 1 ${CONF}`,
        'tail -n 1 /nosuch',
        `stat -c '%a %U %G %F' ${LOG}`,
        'stat -c %a /etc/keepalived /nosuch',
        `test -w ${LOG}`,
        `test -r ${LOG}`,
        `test -r ${CONF}`,
        'test -d /etc/keepalived',
        `test -d ${LOG}`,
        'test -e /nosuch',
        `echo x >> ${LOG}`,
        'echo x > /etc/nosuchdir/x',
        'echo x > /etc/keepalived',
      ),
      ...ops(`sudo -n test -w ${LOG}`, `sudo -n stat -c %a ${CONF}`, 'sudo -n test -e /nosuch'),
    ],
  },
  ...(['readonly', 'full'] as const).map(
    (how): Scene => ({
      name: `log-${how}`,
      title: how === 'full' ? 'a full disk under the check log' : 'the check log on a read-only file system',
      node: 'lb1',
      steps: [
        { fault: ['check-log', 'lb1', how] },
        { run: `sudo -n tee -a -- ${LOG}`, input: 'a note\n' },
        ...ops(`sudo -n test -w ${LOG}`, `sudo -n test -r ${LOG}`),
        { run: `tee -a -- ${LOG}`, as: 'nosudo', input: 'a note\n' },
      ],
    }),
  ),
];
