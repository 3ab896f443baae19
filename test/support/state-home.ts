/** Sessions are recorded by default: those of tests go where they are removed after the run, not among the developer's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const setup = () => {
  const directory = mkdtempSync(join(tmpdir(), 'haconsole-state-'));
  process.env.XDG_STATE_HOME = directory;
  return () => rmSync(directory, { recursive: true, force: true });
};
