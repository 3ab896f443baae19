import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBase } from './base.ts';
import { writeClusterFile } from './cluster-file.ts';
import { currentFlavour, type Flavour, installFiles, renderFiles } from './configure.ts';
import { healAll } from './heal.ts';
import { need } from './need.ts';
import { ensureNet, leaks, removeNet } from './net.ts';
import { booted, endProcesses, isRunning, mountRoot, powerOn, removeNode } from './node.ts';
import { LabError, NODES, STATE } from './plan.ts';
import { provision } from './provision.ts';
import { ensureSecrets } from './secrets.ts';

export type UpOptions = { install?: boolean; flavour?: Flavour | undefined; say?: (line: string) => void };

/** Which base image the nodes of a lab stand on; a lab keeps its own until `down`. */
const BASE_NOTE = join(STATE, 'base');

/** Builds what is not there, starts what does not run, puts right what was broken. Repeatable; ends with a healthy pair. */
export async function up({ install = false, flavour, say = () => {} }: UpOptions = {}): Promise<void> {
  await need(install, say);
  await mkdir(STATE, { recursive: true, mode: 0o755 });
  const noted = await readFile(BASE_NOTE, 'utf8').catch(() => '');
  const base = noted && existsSync(noted) && NODES.some(({ name }) => isRunning(name)) ? noted : await ensureBase(say);
  await writeFile(BASE_NOTE, base);
  await ensureSecrets();
  await ensureNet();
  const leaked = await leaks();
  if (leaked.length > 0)
    throw new LabError(`cards of the lab are in the machine's own namespace: ${leaked.join(', ')}`);
  await writeClusterFile();
  await renderFiles(flavour ?? (await currentFlavour()));
  await Promise.all(
    NODES.map(async ({ name, ...rest }) => {
      if (await mountRoot(name, base)) await provision({ name, ...rest });
      if (isRunning(name)) return;
      await installFiles(name);
      await powerOn(name);
    }),
  );
  await Promise.all(NODES.map(({ name }) => booted(name)));
  for (const line of await healAll()) say(line);
}

/** Switches a running lab to the other set of files. */
export async function setFlavour(flavour: Flavour): Promise<string[]> {
  await renderFiles(flavour);
  return healAll();
}

/** Ends every process of the lab, by the control groups it made, and removes every namespace, mount and disk. */
export async function down(): Promise<void> {
  await Promise.all(NODES.map(({ name }) => endProcesses(name)));
  for (const { name } of NODES) await removeNode(name);
  await removeNet();
  await rm(STATE, { recursive: true, force: true, maxRetries: 3 });
}
