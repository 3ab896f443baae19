import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import stringWidth from 'string-width';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/audit/report-json.ts';
import { rules } from '../../src/audit/rules/all.ts';
import { type AuditFlags, auditCommand } from '../../src/commands/audit.ts';
import type { Io } from '../../src/commands/io.ts';
import { renderFiles } from '../../src/render/files.ts';
import { writeFiles } from '../../src/render/write.ts';
import { fixture } from '../render/clusters.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the command in this process. */
const run = async (flags: Partial<AuditFlags>, columns?: number) => {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  if (columns !== undefined) Object.assign(streams.stdout, { columns });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    streams[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const io = { ...streams, env: {}, cwd: directory, home: directory, signal: AbortSignal.timeout(20_000) };
  const code = await auditCommand(
    { readOnly: false, json: false, color: false, ascii: false, sarif: false, ...flags },
    io as unknown as Io,
  );
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...said };
};

const rendered = async (name: string, asInTutorial: boolean): Promise<string> => {
  await writeFiles(join(directory, name), renderFiles(fixture('tutorial'), { asInTutorial }), { force: false });
  return name;
};

const put = (path: string, text: string | Buffer, mode = 0o644): void => {
  const full = join(directory, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  chmodSync(full, mode);
};

const report = (stdout: string): AuditReport => JSON.parse(stdout) as AuditReport;
const minimal = 'vrrp_instance A {\n virtual_router_id 7\n virtual_ipaddress {\n 192.0.2.1\n }\n}\n';

describe('audit --dir', () => {
  test('finds what render writes clean, and says what a directory cannot tell', async () => {
    const { code, stdout } = await run({ dir: await rendered('out', false) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^haconsole audit of out: 0 errors, 0 warnings, 0 notes/);
    expect(stdout).toMatch(
      /lb1, lb2: keepalived -t, nginx -t, services at boot, time synchronisation:\s+a\s+directory/,
    );
    expect(stdout).toContain('Nothing to correct (exit status 0).');
  });

  test('lights up on the tutorial, the worst first, with the password as stars', async () => {
    const { code, stdout } = await run({ dir: await rendered('out', true) });
    expect(code).toBe(2);
    expect(stdout).toContain('> auth_pass ****');
    expect(stdout).not.toContain('1111');
    expect(stdout).toContain('everybody may write it (mode 0777)');
    expect(stdout.indexOf('ERROR ')).toBeLessThan(stdout.indexOf('WARNING '));
    expect(stdout).toMatchSnapshot();
  });

  test.each([40, 60, 80, 120])('breaks its sentences for a terminal of %i columns', async (columns) => {
    const { stdout } = await run({ dir: await rendered('out', true) }, columns);
    // Lines to write are not broken: they are to be copied.
    const sentences = stdout.split('\n').filter((line) => !line.startsWith(' '.repeat(14)));
    expect(Math.max(...sentences.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
  });

  test('reads a flat directory, and misses the script that is not in it', async () => {
    put(
      'flat/keepalived.conf',
      `${minimal}vrrp_script c {\n script "/opt/c.sh"\n}\n`.replace(
        ' virtual_ip',
        ' track_script {\n c\n }\n virtual_ip',
      ),
    );
    const without = await run({ dir: 'flat', json: true });
    expect(report(without.stdout).unknown.map(({ what }) => what)).toEqual(['/opt/c.sh']);
    put('flat/c.sh', '#!/bin/sh\nkillall keepalived\n', 0o755);
    const { findings, nodes, unknown } = report((await run({ dir: 'flat', json: true })).stdout);
    expect(unknown).toEqual([]);
    expect(nodes).toEqual([{ name: 'flat', role: 'lb' }]);
    expect(findings.find((one) => one.rule === 'check-kills-keepalived')).toMatchObject({
      node: 'flat',
      file: '/opt/c.sh',
      line: 2,
      evidence: 'killall keepalived',
    });
  });

  test('reads one node’s own tree with its includes', async () => {
    put('node/etc/keepalived/keepalived.conf', 'include conf.d/*.conf\n');
    put('node/etc/keepalived/conf.d/a.conf', minimal);
    const { findings } = report((await run({ dir: 'node', json: true })).stdout);
    expect(findings.find((one) => one.rule === 'no-check-at-all')).toMatchObject({
      file: '/etc/keepalived/conf.d/a.conf',
      line: 1,
    });
  });

  test.each([
    ['is not there', () => {}, /nothing is not there/],
    ['holds nothing of the kind', () => put('nothing/readme.md', 'x'), /has no keepalived\.conf and no nginx\.conf/],
    ['is a file', () => put('nothing', 'x'), /nothing/],
  ])('that %s ends with status 3 and one sentence', async (_, make, sentence) => {
    make();
    const { code, stdout, stderr } = await run({ dir: 'nothing' });
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('is not held up by huge files, binaries, pipes and links in circles', async () => {
    const dir = await rendered('out', false);
    put('out/lb1/etc/nginx/huge.conf', Buffer.alloc(10 * 1024 * 1024, 0x7b));
    put('out/lb2/etc/keepalived/keepalived.conf', Buffer.from('vrrp_instance A {\0}'));
    execFileSync('mkfifo', [join(directory, 'out/lb1/etc/nginx/pipe.conf')]);
    symlinkSync('..', join(directory, 'out/lb1/etc/nginx/round'));
    symlinkSync('nowhere', join(directory, 'out/lb1/etc/nginx/gone.conf'));
    const { code, stdout } = await run({ dir, json: true });
    expect(code).toBe(3);
    expect(report(stdout).unknown.map(({ node, what, why }) => [node, what, why])).toEqual([
      ['lb1', '/etc/nginx/huge.conf', expect.stringContaining('larger')],
      ['lb2', '/etc/keepalived/keepalived.conf', expect.stringContaining('NUL')],
    ]);
  });
});

describe('--json', () => {
  test('has its schema, its sums and every finding whole', async () => {
    const { code, stdout } = await run({ dir: await rendered('out', true), json: true });
    const { schema, exit, summary, findings } = report(stdout);
    expect([schema, exit, code]).toEqual(['haconsole.audit/1', 2, 2]);
    expect(summary.errors + summary.warnings + summary.notes).toBe(findings.length);
    expect(summary.rules).toBe(rules.length);
    for (const one of findings) {
      expect(rules.map((rule) => rule.id)).toContain(one.rule);
      expect([one.title, one.found, one.why, one.instead].every((text) => text.length > 5)).toBe(true);
    }
  });
});

type Sarif = {
  version: string;
  runs: {
    tool: { driver: { name: string; rules: { id: string; help: { text: string; markdown: string } }[] } };
    invocations: { executionSuccessful: boolean; exitCode: number; toolExecutionNotifications: unknown[] }[];
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: { uri: string }; region?: { startLine: number } } }[];
      partialFingerprints: Record<string, string>;
    }[];
  }[];
};

describe('--sarif', () => {
  test('is SARIF 2.1.0: rules with help, results that point at files of the directory and their lines', async () => {
    const dir = await rendered('out', true);
    const { code, stdout } = await run({ dir, sarif: true });
    expect(code).toBe(2);
    const sarif = JSON.parse(stdout) as Sarif;
    expect(sarif.version).toBe('2.1.0');
    const [one] = sarif.runs;
    expect(one?.tool.driver.rules.map((rule) => rule.id)).toEqual(rules.map((rule) => rule.id));
    for (const rule of one!.tool.driver.rules) expect(rule.help.text.length).toBeGreaterThan(20);
    expect(one?.invocations).toEqual([{ executionSuccessful: true, exitCode: 2, toolExecutionNotifications: [] }]);
    const files = readdirSync(join(directory, dir), { recursive: true, encoding: 'utf8' }).map(
      (path) => `${dir}/${path}`,
    );
    expect(one!.results.length).toBeGreaterThan(30);
    for (const result of one!.results) {
      expect(one!.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      const [location] = result.locations;
      expect(files).toContain(location?.physicalLocation.artifactLocation.uri);
      if (location?.physicalLocation.region) expect(location.physicalLocation.region.startLine).toBeGreaterThan(0);
    }
    const prints = one!.results.map((result) => result.partialFingerprints['haconsole/v1']);
    expect(new Set(prints).size).toBeGreaterThan(prints.length - 4);
    expect(stdout).not.toContain('1111');
  });

  test('tells what could not be looked at as notifications of a run without success', async () => {
    const dir = await rendered('out', false);
    put('out/lb1/etc/nginx/nginx.conf', Buffer.from('\0'));
    const { code, stdout } = await run({ dir, sarif: true });
    expect(code).toBe(3);
    expect((JSON.parse(stdout) as Sarif).runs[0]?.invocations[0]).toMatchObject({
      executionSuccessful: false,
      exitCode: 3,
      toolExecutionNotifications: [
        { level: 'error', message: { text: expect.stringContaining('/etc/nginx/nginx.conf') } },
      ],
    });
  });
});
