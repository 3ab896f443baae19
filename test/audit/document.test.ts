import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ruleTables, withTables } from '../../src/audit/document.ts';
import { rules } from '../../src/audit/rules/all.ts';

const path = join(import.meta.dirname, '..', '..', 'docs', 'audit.md');

test('docs/audit.md lists every rule as it is (vitest -u writes it)', async () => {
  for (const rule of rules) expect(ruleTables()).toContain(`| \`${rule.id}\` | ${rule.severity} | ${rule.title}`);
  await expect(withTables(readFileSync(path, 'utf8'))).toMatchFileSnapshot(path);
});
