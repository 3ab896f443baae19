import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clusterFileSchema } from '../../src/config/json-schema.ts';
import { parseCluster } from '../../src/config/load.ts';

type Schema = { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[]; default?: unknown };

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Every field of the schema as the guide names it: `ssh.jump`, `loadBalancers[].name`; with its scalar default. */
const fieldsOf = (schema: Schema, path = ''): { field: string; default?: unknown }[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const field = path === '' ? key : `${path}.${key}`;
    return [{ field, default: value.default }, ...fieldsOf(value, field)];
  }),
  ...(schema.items ? fieldsOf(schema.items, path.endsWith('[]') ? path : `${path}[]`) : []),
  ...(schema.anyOf ?? []).flatMap((branch) => fieldsOf(branch, path)),
];

describe('what is published about the cluster file', () => {
  it('is the JSON schema of today (when this fails: node src/config/write-schema.ts)', () => {
    expect(read('schema/haconsole.schema.json')).toBe(clusterFileSchema());
  });

  it('is a guide with a row for every field, its default included', () => {
    const guide = read('docs/cluster-file.md');
    const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
    // A jump host is described once, with and without a list round it.
    const fields = fieldsOf(JSON.parse(clusterFileSchema())).filter(({ field }) => !/^ssh\.jump\[\]\./.test(field));
    expect(fields.length).toBeGreaterThan(50);
    const missing = fields.filter((one) => {
      const row = rows.find((line) => line.startsWith(`| \`${one.field}\` `));
      const scalar = ['string', 'number', 'boolean'].includes(typeof one.default);
      return row === undefined || (scalar && !row.includes(`\`${one.default}\``));
    });
    expect(missing).toEqual([]);
    const known = new Set(fields.map(({ field }) => field));
    expect(rows.map((row) => row.split('`')[1] ?? '').filter((field) => !known.has(field))).toEqual([]);
  });

  it('has examples that load', () => {
    const examples = [...read('docs/cluster-file.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      (match) => match[1] ?? '',
    );
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) {
      expect(parseCluster(example, { label: 'example', directory: '/d', home: '/h' }).name).toBeTruthy();
    }
  });
});
