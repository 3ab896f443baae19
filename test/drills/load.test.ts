import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { builtInDrills } from '../../src/drills/catalog/built-in.ts';
import { ACTS, BUDGETS } from '../../src/drills/drill.ts';
import { drillFileSchema } from '../../src/drills/json-schema.ts';
import { parseDrill, parseDrills } from '../../src/drills/load.ts';
import { showDrill } from '../../src/drills/show.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const whole = (rest: string): string => `name: own\ntitle: A drill\nshows: Something\n${rest}`;
const fault = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  return 'no fault';
};

describe('a drill file', () => {
  test.each([
    [
      'an unknown field',
      'metod: []\n',
      'drills/own.yaml:4:1: metod: expected one of name, title, shows,',
      'did you mean method?',
    ],
    [
      'an unknown act',
      'method:\n  - { act: stop ngin, on: master }\n',
      'drills/own.yaml:5:12: method[0].act: expected an act (start nginx,',
    ],
    [
      'a wrong duration',
      'method:\n  - hold: soon\n',
      'method[0].hold: expected a duration such as 300ms, 5s or 2m, found "soon"',
    ],
    ['a step that is none', 'method:\n  - { sleep: 5 }\n', 'method[0]'],
    ['a field of another kind of step', 'method:\n  - { hold: 5s, on: master }\n', 'method[0].on: expected one of'],
    [
      'a role that is none',
      'method:\n  - { act: stop nginx, on: "web.third!" }\n',
      'method[0].on: expected master, backup, web.first',
    ],
    ['a wait for nothing', 'method:\n  - { wait: { holder: backup } }\n', 'method[0].within: expected a duration'],
    [
      'a budget that is none',
      'method:\n  - { wait: { holder: backup }, within: failovr }\n',
      'method[0].within: expected a duration such as',
    ],
    [
      'an unknown verdict',
      'gate: { verdicts: [fine] }\nmethod: [{ hold: 1s }]\n',
      'gate.verdicts[0]: expected a verdict (blind,',
    ],
    ['no steps', '', 'expected at least one step, found no steps'],
    ['an expectation of nothing', 'method: [{ hold: 1s }]\nexpect:\n  - { outige: failover }\n', 'expect[0]'],
    [
      'a window of a step that is not there',
      'method: [{ hold: 1s, id: one }]\nexpect:\n  - { moves: 0, after: two }\n',
      'expect[0].after: expected the name of a step (one), found "two"',
    ],
    [
      'a window that ends before it begins',
      'method: [{ hold: 1s, id: a }, { hold: 1s, id: b }]\nexpect: [{ moves: 0, after: b, until: a }]\n',
      'expect[0].until: expected a step after "b", found "a"',
    ],
    [
      'one name for two steps',
      'method: [{ hold: 1s, id: a }, { hold: 1s, id: a }]\n',
      'method[1].id: expected a name of its own',
    ],
    [
      'a service on a node that has none',
      'method: [{ act: stop keepalived, on: web.first }]\n',
      'method[0].on: expected a node that has the service of "stop keepalived", found "web.first"',
    ],
    [
      'a check log on a web node',
      'method: [{ hold: 1s }]\nexpect: [{ line: restart, on: web.first }]\n',
      'expect[0].on: expected a load balancer',
    ],
    ['steps beside parts', 'parts: [lb1-down]\nmethod: [{ hold: 1s }]\n', 'method: expected either parts, or steps'],
    [
      'a setup without the state it brings about',
      'setup: [{ hold: 1s }]\nmethod: [{ hold: 1s }]\n',
      'setup: expected start, which says',
    ],
    [
      'a download that is not begun',
      'method: [{ hold: 1s }]\nexpect: [{ download: cut }]\n',
      'expect[0].download: expected download: true',
    ],
    [
      'a title with a control character',
      'method: [{ hold: 1s }]\ntutorial: "a\\u001b[2Jb"\n',
      'tutorial: expected a text of at most 1000 letters',
    ],
    ['YAML that is none', 'method: [\n', 'drills/own.yaml:'],
  ])('with %s is told with line and field', (_, rest, ...parts) => {
    const message = fault(() => parseDrill(whole(rest), 'drills/own.yaml'));
    for (const part of parts) expect(message).toContain(part);
    expect(message).toMatch(/^drills\/own\.yaml:\d+:\d+: /);
    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });

  test('has defaults where it is silent', () => {
    expect(parseDrill(whole('method: [{ hold: 1 }]\n'), 'own.yaml')).toMatchObject({
      gate: { verdicts: ['healthy'], backup: 'ready', steady: '30s', check: 'any' },
      steady: { verdicts: ['healthy'], rotation: true },
      setup: [],
      expect: [],
      restore: [],
      tolerates: [],
      download: false,
    });
  });

  test('may not take a name that another has, nor name a part that is not there', () => {
    const file = (name: string, rest = 'method: [{ hold: 1s }]\n') => ({
      file: `${name}.yaml`,
      text: `name: ${name}\ntitle: t\nshows: s\n${rest}`,
    });
    const taken = builtInDrills().map((drill) => drill.name);
    expect(parseDrills([file('a'), file('b', 'parts: [a, lb1-down]\n')], taken).map((one) => one.name)).toEqual([
      'a',
      'b',
    ]);
    expect(fault(() => parseDrills([file('tour')], taken))).toBe(
      'tour.yaml:1:7: name: expected a name of its own, found "tour", which is built in.',
    );
    expect(fault(() => parseDrills([file('a'), { ...file('a'), file: 'b.yaml' }], taken))).toContain(
      'which a.yaml has',
    );
    expect(fault(() => parseDrills([file('a', 'parts: [lb1-up]\n')], taken))).toBe(
      'a.yaml:4:9: parts[0]: expected the name of a drill, found "lb1-up".',
    );
  });
});

describe('every built-in drill', () => {
  test.each(builtInDrills().map((drill) => [drill.name, drill] as const))(
    '%s is a drill file that loads',
    (name, drill) => {
      expect(parseDrill(JSON.stringify(drill), `${name}.yaml`)).toEqual(drill);
    },
  );

  test.each(builtInDrills().map((drill) => [drill.name, drill] as const))('%s is told in words', (name, drill) => {
    const text = showDrill(drill);
    expect(text.startsWith(`${name}: ${drill.title}\n`)).toBe(true);
    expect(text).not.toMatch(/undefined|NaN|\[object|web\.(first|second)|\bfrom step on\b/);
    for (const { id } of [...drill.setup, ...drill.method]) if (id?.includes('-')) expect(text).not.toContain(id);
    expect(text.endsWith('\n')).toBe(true);
  });

  test('says what the tutorial says, and what really happens', () => {
    for (const drill of builtInDrills().filter((one) => !one.parts)) {
      expect(drill.tutorial).toBeTruthy();
      expect(drill.reality).toBeTruthy();
    }
  });
});

describe('what is published about drills', () => {
  type Schema = { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[] };
  const fieldsOf = (schema: Schema, path = ''): string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
      const field = path === '' ? key : `${path}.${key}`;
      return [field, ...fieldsOf(value, field)];
    }),
    ...(schema.items ? fieldsOf(schema.items, `${path}[]`) : []),
    ...(schema.anyOf ?? []).flatMap((branch) => fieldsOf(branch, path)),
  ];
  const guide = read('docs/drills.md');

  test('is the JSON schema of today (when this fails: node src/drills/write-schema.ts)', () => {
    expect(read('schema/haconsole-drill.schema.json')).toBe(drillFileSchema());
  });

  test('is a guide with a row for every field', () => {
    const fields = [...new Set(fieldsOf(JSON.parse(drillFileSchema())))].filter(
      (field) => !field.startsWith('setup[]'),
    );
    const rows = new Set([...guide.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]));
    expect(fields.length).toBeGreaterThan(50);
    expect(fields.filter((field) => !rows.has(field))).toEqual([]);
  });

  test('is a guide that names every drill, budget and act', () => {
    for (const name of [...builtInDrills().map((drill) => drill.name), ...BUDGETS])
      expect(guide).toContain(`| \`${name}\` |`);
    for (const act of ACTS.filter((one) => !one.includes(' '))) expect(guide).toContain(`| \`${act}\` |`);
  });

  test('has examples that load', () => {
    const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(parseDrill(example, 'example').name).toBeTruthy();
  });
});
