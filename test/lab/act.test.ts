import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ActRig, actCases } from '../support/act-cases.ts';
import { startActing } from '../support/act-process.ts';
import {
  CLUSTER_FILE,
  clusterFileWith,
  consoleCommand,
  curlVip,
  faults,
  heal,
  healAll,
  healthy,
  holders,
  inside,
  mustInside,
  STATE,
  unitState,
  withLab,
} from './support/lab.ts';

const env = { PATH: process.env.PATH, HOME: STATE, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
const CONF = '/etc/keepalived/keepalived.conf';
const LOG = '/etc/keepalived/check_nginx.log';

/** What a test may have left on a node: a timer, its file for sudo. */
const sweep = async (node: string) => {
  await inside(node, ['systemctl', 'stop', 'haconsole-restore.timer']);
  await inside(node, ['systemctl', 'reset-failed', 'haconsole-restore.service']);
  await inside(node, ['rm', '-f', '/etc/sudoers.d/haconsole']);
};
const NODES = ['lb1', 'lb2', 'web1', 'web2'];

const begin = async (): Promise<ActRig> => {
  await withLab();
  return {
    start: (...args) => {
      const at = args.indexOf('-c');
      const file = at < 0 ? CLUSTER_FILE : (args[at + 1] as string);
      const rest = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
      return startActing(consoleCommand(rest, file), env);
    },
    unit: async (node, service) => {
      const state = await unitState(node, service === 'web' ? 'apache2' : service);
      return { active: state?.active ?? 'silent', mainPid: state?.mainPid ?? -1 };
    },
    holders,
    isServed: async (vip) => /HTTP WEB NODE/.test((await curlVip(vip)).body),
    checkLog: (node) => mustInside(node, ['cat', LOG]),
    timer: async (node) => (await inside(node, ['systemctl', 'is-active', 'haconsole-restore.timer'])).code === 0,
    leaveStale: async (node) => void (await faults['stale-vip'](node)),
    breakKeepalivedFile: async (node) =>
      void (await mustInside(node, ['sed', '-i', 's/virtual_router_id .*/virtual_router_id 999/', CONF])),
    killJump: async () => void (await faults['kill-sshd']('jump')),
    reviveJump: async () => void (await heal['kill-sshd']('jump')),
    withoutSudo: async () => ['-c', await clusterFileWith('act-nosudo', { user: 'nosudo' })],
    heal: async () => {
      await Promise.all(NODES.map(sweep));
      await healAll();
      await healthy();
    },
    stop: async () => {},
  };
};

actCases('acting on the real pair', begin);

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
