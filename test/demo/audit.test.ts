import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { sudoersFile } from '../../src/actions/sudoers.ts';
import type { AuditReport } from '../../src/audit/report-json.ts';
import { auditCommand } from '../../src/commands/audit.ts';
import type { Io } from '../../src/commands/io.ts';
import { loadCluster } from '../../src/config/load.ts';
import { type DemoCluster, startDemo } from '../../src/demo/cluster.ts';
import { auditCases } from '../support/audit-cases.ts';

const CONF = '/etc/keepalived/keepalived.conf';

/** The command in this process, on an embedded cluster. */
const run = async (demo: DemoCluster): Promise<{ report: AuditReport; code: number }> => {
  const stdout = new PassThrough();
  let said = '';
  stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const io = {
    stdout,
    stderr: new PassThrough(),
    env: {},
    cwd: '/',
    home: '/nonexistent',
    signal: AbortSignal.timeout(19_000),
  };
  const code = await auditCommand(
    { config: demo.clusterFile, readOnly: false, json: true, color: false, ascii: false, sarif: false },
    io as unknown as Io,
  );
  await new Promise((resolve) => setImmediate(resolve));
  return { report: JSON.parse(said) as AuditReport, code };
};

auditCases('an audit of the embedded pair', async () => {
  const demo = await startDemo();
  const files = (node: string) => demo.world.host(node)!.machine.files;
  return {
    audit: async (as) => {
      if (as === undefined) return run(demo);
      const machines = ['lb1', 'lb2', 'web1', 'web2'].map((name) => demo.world.host(name)!.machine);
      for (const machine of machines) machine.rights.sudo = 'none';
      try {
        return await run(demo);
      } finally {
        for (const machine of machines) machine.rights.sudo = 'all';
      }
    },
    read: async (node, path) => files(node).get(path)!.content,
    write: async (node, path, text) => void files(node).write(path, text),
    mode: async (node, path, mode) => void files(node).write(path, files(node).get(path)!.content, { mode }),
    modeOf: async (node, path) => files(node).get(path)!.mode,
    enable: async (node, unit, enabled) => demo.world.host(node)!.machine.unit(unit)!.enable(enabled),
    stop: () => demo.stop(),
  };
});

describe('an audit of an embedded pair', () => {
  test('that was set up as in the tutorial lights up', async () => {
    const demo = await startDemo({ flavour: 'tutorial' });
    try {
      const { report, code } = await run(demo);
      expect(code).toBe(2);
      expect(report.summary.errors).toBeGreaterThan(8);
      expect(report.unknown).toEqual([]);
      expect(JSON.stringify(report)).not.toContain('1111');
    } finally {
      await demo.stop();
    }
  });

  test('with a node that is off ends in time and says that it knows nothing of it', async () => {
    const demo = await startDemo();
    try {
      demo.fault('kill-sshd', 'lb2');
      const { report, code } = await run(demo);
      expect(code).toBe(3);
      expect(report.findings).toEqual([]);
      expect(new Set(report.unknown.map(({ node }) => node))).toEqual(new Set(['lb2']));
      expect(report.unknown[0]?.why).toMatch(/tcp|lost|refused/i);
    } finally {
      await demo.stop();
    }
  });

  test('is told everything by a user with the sudoers lines that `act --sudoers` prints', async () => {
    const demo = await startDemo();
    try {
      const config = await loadCluster({ file: demo.clusterFile, cwd: '/', home: '/nonexistent', env: {} });
      const lines = sudoersFile(config, 'demo')
        .split('\n')
        .filter((line) => line.startsWith('    /'))
        .map((line) => line.replace(/(, )?\\?$/, '').trim());
      for (const name of ['lb1', 'lb2']) {
        const { machine } = demo.world.host(name)!;
        machine.rights.sudo = lines;
        machine.files.write(CONF, machine.files.get(CONF)!.content, { mode: '600' });
      }
      const { report, code } = await run(demo);
      expect(report.unknown).toEqual([]);
      expect(report.findings).toEqual([]);
      expect(code).toBe(0);
    } finally {
      await demo.stop();
    }
  });

  test('follows what the files include, and reads it too', async () => {
    const demo = await startDemo();
    try {
      for (const name of ['lb1', 'lb2']) {
        const { files } = demo.world.host(name)!.machine;
        const text = files.get('/etc/nginx/nginx.conf')!.content;
        files.write(
          '/etc/nginx/nginx.conf',
          text.replace('sendfile ', 'include conf.d/*.conf;\n    include site.conf;\n    sendfile '),
        );
        files.write('/etc/nginx/conf.d/a.conf', 'server { listen 172.16.249.80:81; }\n');
      }
      const { report } = await run(demo);
      const of = (rule: string) => report.findings.filter((one) => one.rule === rule && one.node === 'lb1');
      expect(of('listens-on-vip')).toMatchObject([{ file: '/etc/nginx/conf.d/a.conf', line: 1 }]);
      expect(of('nginx-include-missing')).toMatchObject([{ found: 'site.conf is not there.' }]);
    } finally {
      await demo.stop();
    }
  });
});
