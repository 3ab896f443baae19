import * as z from 'zod';
import { drillSchema } from './drill.ts';

/** The published JSON schema of a drill file, for editors; draft 7 because their YAML plug-ins know that best. */
export const drillFileSchema = (): string => {
  const schema = z.toJSONSchema(drillSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'haconsole drill', ...schema }, null, 2)}\n`;
};
