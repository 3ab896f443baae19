import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actCases } from '../support/act-cases.ts';
import { startActing } from '../support/act-process.ts';
import { clusterFileWith, consoleCommand, inside, mustInside, withLab } from './support/lab.ts';
import { env, labRig, NODES, sweep } from './support/rig.ts';

actCases('acting on the real pair', labRig);

describe('the sudoers file that act prints', () => {
  beforeAll(withLab);
  afterAll(() => Promise.all(NODES.map(sweep)));

  test('is one that visudo takes, lets a user without other rights do what it is for, and nothing else', async () => {
    const file = await clusterFileWith('act-sudoers', { user: 'nosudo' });
    const run = async (...args: string[]) => startActing(consoleCommand(args, file), env).ended;
    expect((await run('act', 'stop', 'nginx@lb2', '--yes', '--json')).report).toMatchObject({
      outcome: 'failed',
      exit: 3,
    });
    const printed = await run('act', '--sudoers');
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    for (const node of ['lb2', 'web1']) {
      await mustInside(node, ['sh', '-c', 'cat > /etc/sudoers.d/haconsole && chmod 440 /etc/sudoers.d/haconsole'], {
        input: printed.stdout,
      });
      await mustInside(node, ['visudo', '-c']);
    }
    const did = [
      ['out-of-service', 'lb2', '--restore-after', '5m'],
      ['cancel-restore', 'lb2'],
      ['back-in-service', 'lb2'],
      ['reload', 'keepalived@lb2'],
      ['restart', 'web@web1', '--restore-after', '30s'],
    ];
    for (const words of did) {
      const { report, stderr } = await run('act', ...words, '--confirm', 'lab', '--json');
      expect(report, stderr).toMatchObject({ outcome: 'done', exit: 0 });
    }
    expect((await run('note', 'by a narrow user', '--node', 'lb2')).code).toBe(0);
    const as = (command: string) => inside('lb2', ['runuser', '-u', 'nosudo', '--', 'sh', '-c', command]);
    const arm = 'sudo -n systemd-run --unit=haconsole-restore --on-active=30 --timer-property=AccuracySec=100ms';
    for (const command of [
      'sudo -n id',
      'sudo -n systemctl stop ssh',
      'sudo -n tee -a -- /etc/shadow',
      'sudo -n journalctl',
      `${arm} --description=x -- sh -c id`,
      `${arm} "--description=$(printf 'x -- /bin/sh -c id %030d' 0)" -- systemctl start nginx`,
    ]) {
      const { code, stderr } = await as(`${command} < /dev/null`);
      expect([command, code === 0, stderr.trim()]).toEqual([command, false, 'sudo: a password is required']);
    }
  });
});
