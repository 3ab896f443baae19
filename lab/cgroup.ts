import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LAB } from './plan.ts';
import { until } from './run.ts';

/**
 * Each container gets a control group of its own. Without it the systemd inside cannot kill left-over processes, and a
 * killed nginx master leaves workers that go on serving: an outage that is none.
 */
function hierarchies(): string[] {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return ['/sys/fs/cgroup'];
  return ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'].filter((folder) =>
    existsSync(join(folder, 'cgroup.procs')),
  );
}

const groupName = (node: string): string => `haconsole-lab-${LAB}-${node}`;
const groupsOf = (node: string): string[] => hierarchies().map((folder) => join(folder, groupName(node)));

/** Makes the groups; returns the files into which a process writes its pid to enter them. */
export async function enterFiles(node: string): Promise<string[]> {
  const groups = groupsOf(node);
  for (const group of groups) await mkdir(group, { recursive: true });
  return groups.map((group) => join(group, 'cgroup.procs'));
}

function walk(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...inner.flatMap((entry) => walk(join(folder, entry.name))), folder];
}

/** Every process in the groups of a node: its container and nothing else. */
export function processesOf(node: string): number[] {
  const pids = groupsOf(node)
    .flatMap(walk)
    .flatMap((folder) => readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n'))
    .map(Number)
    .filter((pid) => pid > 1);
  return [...new Set(pids)];
}

const freezer = (node: string): string => join(groupsOf(node)[0]!, 'cgroup.freeze');
const events = (node: string): string => join(groupsOf(node)[0]!, 'cgroup.events');

export const isFrozen = (node: string): boolean =>
  existsSync(events(node)) && /^frozen 1$/m.test(readFileSync(events(node), 'utf8'));

/** Stops or resumes every process of a node at once (cgroup v2 freezer); resolves when the kernel says that it is so. */
export async function setFrozen(node: string, frozen: boolean): Promise<void> {
  if (!existsSync(freezer(node))) return;
  writeFileSync(freezer(node), frozen ? '1' : '0');
  await until(`${node} is not ${frozen ? 'frozen' : 'thawed'}`, () => isFrozen(node) === frozen);
}

/** Removes the empty groups of a node, innermost first. */
export function removeGroups(node: string): void {
  for (const folder of groupsOf(node).flatMap(walk)) rmdirSync(folder);
}
