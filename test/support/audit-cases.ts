import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/audit/report-json.ts';

/** A pair under test: the real one of the lab or the embedded one, both as `render` or its like wrote them. */
export type AuditRig = {
  /** `audit --json` and its exit status. `as: 'nosudo'`: a user without sudo. */
  audit(as?: 'nosudo'): Promise<{ report: AuditReport; code: number }>;
  read(node: string, path: string): Promise<string>;
  /** Writes a file; owner and mode stay. */
  write(node: string, path: string, text: string): Promise<void>;
  mode(node: string, path: string, mode: string): Promise<void>;
  /** The mode as `stat -c %a` prints it. */
  modeOf(node: string, path: string): Promise<string>;
  enable(node: string, unit: string, enabled: boolean): Promise<void>;
  stop(): Promise<void>;
};

const CONF = '/etc/keepalived/keepalived.conf';
const NGINX = '/etc/nginx/nginx.conf';
const SCRIPT = '/etc/keepalived/check_nginx.sh';

type Plant = {
  what: string;
  node: string;
  file?: string;
  edit?: [from: RegExp, to: string];
  mode?: [path: string, mode: string];
  disable?: string;
  /** Rules that find it on this node. */
  rules: string[];
};

const plants: Plant[] = [
  {
    what: 'a weight too small',
    node: 'lb1',
    file: CONF,
    edit: [/weight -\d+/, 'weight -20'],
    rules: ['weight-cannot-move-vip'],
  },
  {
    what: 'another VRID',
    node: 'lb2',
    file: CONF,
    edit: [/virtual_router_id \d+/, 'virtual_router_id 99'],
    rules: ['drift-vrid'],
  },
  {
    what: 'another advert interval',
    node: 'lb2',
    file: CONF,
    edit: [/advert_int 1/, 'advert_int 3'],
    rules: ['drift-advert-interval'],
  },
  {
    what: 'a VIP less',
    node: 'lb2',
    file: CONF,
    edit: [/172\.16\.249\.90\n/, '\n'],
    rules: ['drift-vips', 'vip-nowhere'],
  },
  {
    what: 'a peer that is none',
    node: 'lb2',
    file: CONF,
    edit: [/unicast_peer \{\s*\S+/, 'unicast_peer {\n172.16.249.77'],
    rules: ['drift-unicast-peers'],
  },
  {
    what: 'an interval of 0',
    node: 'lb2',
    file: CONF,
    edit: [/script_user root/, 'script_user root\n vrrp_garp_interval 0'],
    rules: ['garp-interval-zero', 'drift-keepalived-conf'],
  },
  {
    what: 'an interface that is not there',
    node: 'lb2',
    file: CONF,
    edit: [/interface \S+/, 'interface ens99'],
    rules: ['keepalived-test-fails'],
  },
  {
    what: 'a brace that is missing',
    node: 'lb2',
    file: CONF,
    edit: [/\}\s*$/, '\n'],
    rules: ['keepalived-conf-broken', 'keepalived-test-fails'],
  },
  {
    what: 'an example’s password',
    node: 'lb2',
    file: CONF,
    edit: [
      /(?:authentication \{[^}]*\}\s*)?track_script \{/,
      'authentication {\n auth_type PASS\n auth_pass 1111\n }\n track_script {',
    ],
    rules: ['drift-auth'],
  },
  {
    what: 'a script that everybody may write',
    node: 'lb2',
    mode: [SCRIPT, '757'],
    rules: ['script-anyone-may-write', 'script-security-drops-check'],
  },
  {
    what: 'a script that ends keepalived',
    node: 'lb2',
    file: SCRIPT,
    edit: [/exit 1\s*$/, 'exit 1\nkillall keepalived\nexit 1\n'],
    rules: ['check-kills-keepalived', 'drift-check-script'],
  },
  { what: 'a script that nobody can run', node: 'lb2', mode: [SCRIPT, '644'], rules: ['check-not-executable'] },
  {
    what: 'a web node less',
    node: 'lb2',
    file: NGINX,
    edit: [/server 172\.16\.249\.202[^;]*;/, ''],
    rules: ['drift-upstream', 'upstream-of-one'],
  },
  {
    what: 'no zone',
    node: 'lb2',
    file: NGINX,
    edit: [/zone ProxyServer 64k;/, ''],
    rules: ['upstream-without-zone', 'drift-nginx-conf'],
  },
  {
    what: 'no timeout',
    node: 'lb2',
    file: NGINX,
    edit: [/proxy_connect_timeout 500ms;/, ''],
    rules: ['proxy-connect-timeout-long'],
  },
  {
    what: 'a word that nginx does not know',
    node: 'lb2',
    file: NGINX,
    edit: [/proxy_pass /, 'proxy_pas '],
    rules: ['nginx-test-fails'],
  },
  {
    what: 'nginx.conf that everybody may write',
    node: 'lb2',
    mode: [NGINX, '666'],
    rules: ['config-anyone-may-write'],
  },
  { what: 'nginx not enabled', node: 'lb2', disable: 'nginx', rules: ['unit-not-enabled'] },
  { what: 'the web server not enabled', node: 'web1', disable: 'apache2', rules: ['unit-not-enabled'] },
];

/** What an audit over ssh has to find, one fault at a time, each put back. */
export const auditCases = (title: string, begin: () => Promise<AuditRig>) =>
  describe(title, () => {
    let rig: AuditRig;
    const undo: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      rig = await begin();
    });
    const putBack = async () => {
      for (const back of undo.splice(0).reverse()) await back();
    };
    afterEach(putBack);
    afterAll(async () => {
      await putBack();
      await rig.stop();
    });

    const plant = async ({ node, file, edit, mode, disable }: Plant) => {
      if (file && edit) {
        const text = await rig.read(node, file);
        const changed = text.replace(...edit);
        expect(changed).not.toBe(text);
        undo.push(() => rig.write(node, file, text));
        await rig.write(node, file, changed);
      }
      if (mode) {
        const before = await rig.modeOf(node, mode[0]);
        undo.push(() => rig.mode(node, mode[0], before));
        await rig.mode(node, ...mode);
      }
      if (disable) {
        undo.push(() => rig.enable(node, disable, true));
        await rig.enable(node, disable, false);
      }
    };

    test('finds nothing in the clean files, and everything could be looked at', async () => {
      const { report, code } = await rig.audit();
      expect(report.findings).toEqual([]);
      expect(report.unknown).toEqual([]);
      expect(report.skipped).toEqual([]);
      expect(code).toBe(0);
      expect(report.nodes.map(({ name }) => name)).toEqual(['lb1', 'lb2', 'web1', 'web2']);
    });

    test.each(plants)('finds $what', async (one) => {
      await plant(one);
      const { report, code } = await rig.audit();
      for (const rule of one.rules) {
        const hit = report.findings.find((finding) => finding.rule === rule && finding.node === one.node);
        expect(hit, `${rule} among ${report.findings.map((finding) => finding.rule)}`).toBeDefined();
        if (one.file) expect(hit).toMatchObject({ file: one.file });
      }
      expect(report.unknown).toEqual([]);
      expect(code).toBe(report.summary.errors > 0 ? 2 : 1);
      expect(code).toBeGreaterThan(0);
    });

    test('is not clean for a user who may not read, and says what right is missing', async () => {
      await plant({ what: '', node: 'lb1', mode: [CONF, '600'], rules: [] });
      const { report, code } = await rig.audit('nosudo');
      expect(report.findings).toEqual([]);
      expect(code).toBe(3);
      expect(report.unknown.find(({ node, what }) => node === 'lb1' && what === CONF)).toMatchObject({
        why: expect.stringMatching(/^permission: /),
        rules: expect.arrayContaining(['weight-cannot-move-vip', 'check-never-fails']),
      });
      expect(report.unknown.some(({ node, what }) => node === 'lb2' && what === 'nginx -t')).toBe(true);
    });

    test('leaves the files as they were', async () => {
      expect((await rig.audit()).report.findings).toEqual([]);
    });
  });
