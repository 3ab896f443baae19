// Run by hand after a change of the schema: node src/drills/write-schema.ts
import { writeFile } from 'node:fs/promises';
import { drillFileSchema } from './json-schema.ts';

await writeFile(new URL('../../schema/haconsole-drill.schema.json', import.meta.url), drillFileSchema());
