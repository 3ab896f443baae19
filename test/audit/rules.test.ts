import { describe, expect, test } from 'vitest';
import { audit, exitOf } from '../../src/audit/audit.ts';
import { rules } from '../../src/audit/rules/all.ts';
import { cases } from './cases.ts';
import { NGINX, pair, SCRIPT } from './pair.ts';

const found = (spoil: (one: ReturnType<typeof pair>) => unknown) => {
  const one = pair();
  spoil(one);
  return audit(one.input);
};

describe('every rule', () => {
  test('has a case, and every case a rule', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map((rule) => rule.id).sort());
  });

  test('says what is wrong, what it leads to and what to do, in sentences', () => {
    for (const rule of rules) {
      expect(rule.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [rule.title, rule.why]) expect(text, rule.id).toMatch(/^["`A-Za-z0-9][\s\S]{20,}[.)]$/);
      expect(rule.instead.length, rule.id).toBeGreaterThan(5);
      expect(rule.needs.length, rule.id).toBeGreaterThan(0);
    }
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  });

  test.each(Object.entries(cases))(
    '%s is found where it is, with place and advice, and not beside it',
    (id, { lights, spares }) => {
      const hits = found(lights).findings.filter((one) => one.rule === id);
      expect(hits.length).toBeGreaterThan(0);
      for (const { place, found: sentence } of hits) {
        expect(['lb1', 'lb2', 'web1', 'web2']).toContain(place.node);
        expect(sentence).toMatch(/\S[.)]?$/);
        if (place.line !== undefined) expect(place.file).toMatch(/^\//);
      }
      expect(found(spares).findings.filter((one) => one.rule === id)).toEqual([]);
    },
  );
});

describe('the audit', () => {
  test('finds nothing in what render writes', () => {
    const result = audit(pair().input);
    expect(result.findings).toEqual([]);
    expect(result.unknown).toEqual([]);
    expect(exitOf(result)).toBe(0);
  });

  test('lights up on the tutorial’s own configuration', () => {
    const result = audit(pair(true).input);
    expect(exitOf(result)).toBe(2);
    expect([...new Set(result.findings.map((one) => one.rule))].sort()).toMatchInlineSnapshot(`
      [
        "advert-addresses-unchecked",
        "adverts-by-multicast",
        "auth-pass-of-every-example",
        "check-counts-processes",
        "check-fights-operator",
        "check-kills-keepalived",
        "check-log-grows",
        "check-never-fails",
        "check-restarts-without-limit",
        "check-timeout-too-short",
        "client-abort-hides-hung-web",
        "error-page-not-there",
        "garp-interval-zero",
        "garp-refresh-unset",
        "mail-never-sent",
        "next-upstream-unbounded",
        "proxy-connect-timeout-long",
        "proxy-read-timeout-long",
        "repair-moves-vip-at-once",
        "sample-mail-settings",
        "script-anyone-may-write",
        "script-security-off",
        "script-user-unset",
        "state-master-on-both",
        "upstream-failures-unsaid",
        "upstream-without-zone",
        "vrid-of-every-example",
        "web-page-in-noindex",
        "weight-cannot-move-vip",
      ]
    `);
  });

  test('points at the line itself, with its text', () => {
    const result = audit(pair(true).input);
    const weight = result.findings.find((one) => one.rule === 'weight-cannot-move-vip');
    expect(weight).toMatchObject({
      severity: 'error',
      place: { node: 'lb1', file: '/etc/keepalived/keepalived.conf', line: 23 },
      found: '150 - 20 = 130 is not below lb2’s 100: a failed check never moves the VIPs off lb1.',
      write: ['weight -60'],
    });
    expect(weight?.place.text).toMatch(/^weight -20 #/);
  });

  test('says nothing about what could not be read, and is not clean then', () => {
    const result = found(({ node }) => {
      node('lb2').files.set(NGINX, { is: 'unknown', why: 'permission: no right' });
      node('lb2').files.set(SCRIPT, { is: 'unknown', why: 'permission: no right' });
      node('lb2').units.set('nginx', { is: 'unknown', why: 'the node is silent' });
    });
    expect(result.findings).toEqual([]);
    expect(exitOf(result)).toBe(3);
    expect(result.unknown.map(({ node, what }) => `${node} ${what}`)).toEqual([
      `lb2 ${NGINX}`,
      `lb2 ${SCRIPT}`,
      'lb2 nginx at boot',
    ]);
    expect(result.unknown[0]?.rules).toContain('upstream-without-zone');
    expect(result.unknown[1]?.rules).toContain('check-never-fails');
  });

  test('is 2 for an error even where something else is not known, 1 for warnings, 0 for notes', () => {
    expect(
      exitOf(
        found((one) => {
          cases['drift-vrid']!.lights(one);
          one.node('web1').timeSync = { is: 'unknown', why: 'silent' };
        }),
      ),
    ).toBe(2);
    expect(exitOf(found(cases['garp-refresh-unset']!.lights))).toBe(1);
    expect(exitOf(found(cases['adverts-by-multicast']!.lights))).toBe(0);
  });

  test('tells no rule too often on one node', () => {
    const many = 'vrrp_garp_interval 0\n'.repeat(500);
    const result = found((one) =>
      one.edit('/etc/keepalived/keepalived.conf', 'script_user root', `script_user root\n${many}`),
    );
    expect(result.findings.filter((one) => one.rule === 'garp-interval-zero')).toHaveLength(50);
  });
});
