#!/usr/bin/env node
// Finds a Node.js that is new enough, then hands over to the bundle. Kept in syntax that old versions can read.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = [22, 19];
const here = dirname(fileURLToPath(import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);

if (!existsSync(join(here, '..', 'dist', 'cli.js'))) {
  process.stderr.write('haconsole is not built here: npm run build makes dist/ (before npm pack, too).\n');
  process.exit(3);
} else if (newEnough) {
  delete process.env.DEV; // Ink would look for React's developer tools
  if (process.env.NO_COLOR) process.env.FORCE_COLOR = '0'; // chalk does not read NO_COLOR
  module.enableCompileCache?.();
  await import('../dist/cli.js');
} else {
  const installed = join(here, '..', 'node_modules', '.bin', 'node');
  if (existsSync(installed)) {
    const child = spawn(installed, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 3)));
  } else {
    process.stderr.write(
      `haconsole needs Node.js ${NEEDED.join('.')} or newer; this is ${process.versions.node} (in a checkout, npm ci brings one; the single executable needs none).\n`,
    );
    process.exit(3);
  }
}
