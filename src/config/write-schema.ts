// Run by hand after a change of the schema: node src/config/write-schema.ts
import { writeFile } from 'node:fs/promises';
import { clusterFileSchema } from './json-schema.ts';

await writeFile(new URL('../../schema/haconsole.schema.json', import.meta.url), clusterFileSchema());
