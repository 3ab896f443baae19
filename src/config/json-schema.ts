import * as z from 'zod';
import { clusterFile } from './schema.ts';

/** The published JSON schema of the cluster file, for editors; draft 7 because their YAML plug-ins know that best. */
export const clusterFileSchema = (): string => {
  const schema = z.toJSONSchema(clusterFile, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'haconsole.yaml', ...schema }, null, 2)}\n`;
};
