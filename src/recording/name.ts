import { randomBytes } from 'node:crypto';
import { EXTENSION } from './format.ts';

/** A new session: its id, and the name of its file, which sorts by time: `20261123T120000Z-tutorial-7f3a9c21.hacs.jsonl`. */
export const newSession = (cluster: string, wall: number): { id: string; name: string } => {
  const id = randomBytes(16).toString('hex');
  const time = new Date(wall).toISOString().replace(/[-:]|\.\d+/g, '');
  const safe = cluster
    .replace(/[^A-Za-z0-9_.-]+/g, '_')
    .replace(/^[.-]+/, '')
    .slice(0, 40);
  return { id, name: `${time}-${safe || 'cluster'}-${id.slice(0, 8)}${EXTENSION}` };
};
