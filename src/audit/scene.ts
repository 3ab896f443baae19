import type { Directive, Tree } from '../conf-files/directive.ts';
import type { ConfigFiles } from '../conf-files/include.ts';
import { KEEPALIVED_CONF, keepalivedTree } from '../conf-files/keepalived-tree.ts';
import { NGINX_CONF, nginxTree } from '../conf-files/nginx-tree.ts';
import { type AuditFile, type AuditInput, type AuditNode, known, type Seen } from './input.ts';
import { type KeepalivedConf, keepalivedConf, type Script } from './keepalived.ts';
import { shownLine } from './redact.ts';
import type { Place } from './rule.ts';

/** A node with its files read. What is undefined could not be looked at, or is not there. */
export type SceneNode = AuditNode & {
  keepalivedTree: Tree | undefined;
  keepalived: KeepalivedConf | undefined;
  nginxTree: Tree | undefined;
  nginx: Directive[] | undefined;
  /** Check scripts that an instance tracks, each with its text where it could be read. */
  checks: { script: Script; file: Seen<AuditFile> }[];
  place: (at: Directive) => Place;
  /** A line of a file, or the file as a whole. */
  placeIn: (file: string, line?: number) => Place;
  /** The text of a line as it may be shown; '' where there is none. */
  lineText: (file: string, line: number) => string;
};

/** What the rules look at. */
export type Scene = {
  input: AuditInput;
  nodes: SceneNode[];
  balancers: SceneNode[];
  webs: SceneNode[];
};

/** A script's file where it was asked for. */
const scriptFile = (node: AuditNode, script: Script): Seen<AuditFile> => {
  const path = script.path?.value ?? '';
  if (!path.startsWith('/')) return { is: 'skipped', why: `${path || script.name} is no absolute path` };
  return node.files.get(path) ?? { is: 'unknown', why: 'it is not among the files that were read' };
};

const sceneNode = (node: AuditNode): SceneNode => {
  const texts: ConfigFiles = new Map(
    [...node.files].flatMap(([path, seen]) => (seen.is === 'seen' ? [[path, seen.value.text] as const] : [])),
  );
  const lines = new Map<string, string[]>();
  const lineOf = (file: string, line: number): string => {
    const all = lines.get(file) ?? (texts.get(file) ?? '').split('\n');
    lines.set(file, all);
    return all[line - 1] ?? '';
  };
  const placeIn = (file: string, line?: number): Place => ({
    node: node.name,
    file,
    ...(line === undefined ? {} : { line }),
  });
  const treeOf = (path: string, read: (text: string, files: ConfigFiles) => Tree): Tree | undefined => {
    const main = known(node.files.get(path));
    return main && read(main.text, new Map([...texts].filter(([other]) => other !== path)));
  };
  const kTree = treeOf(KEEPALIVED_CONF, keepalivedTree);
  const nTree = treeOf(NGINX_CONF, nginxTree);
  const keepalived = kTree && keepalivedConf(kTree.root);
  const tracked = new Set(keepalived?.instances.flatMap((one) => one.tracks.map(({ name }) => name)));
  const checks = (keepalived?.scripts ?? [])
    .filter((script) => tracked.has(script.name))
    .map((script) => ({ script, file: scriptFile(node, script) }));
  return {
    ...node,
    keepalivedTree: kTree,
    keepalived,
    nginxTree: nTree,
    nginx: nTree?.root,
    checks,
    place: (at) => placeIn(at.file, at.line),
    placeIn,
    lineText: (file, line) => shownLine(lineOf(file, line)),
  };
};

/** Reads the files of every node once, for all rules. */
export const sceneOf = (input: AuditInput): Scene => {
  const nodes = input.nodes.map(sceneNode);
  return {
    input,
    nodes,
    balancers: nodes.filter((node) => node.role === 'lb'),
    webs: nodes.filter((node) => node.role === 'web'),
  };
};

/** Each load balancer with each instance of its keepalived.conf. */
export const eachInstance = (scene: Scene) =>
  scene.balancers.flatMap((node) => (node.keepalived?.instances ?? []).map((instance) => ({ node, instance })));

/** Each load balancer with the text of each check script that could be read. */
export const eachCheck = (scene: Scene) =>
  scene.balancers.flatMap((node) =>
    node.checks.flatMap(({ script, file }) => {
      const value = known(file);
      return value ? [{ node, script, file: value }] : [];
    }),
  );

/** The same instance on the other load balancers: by its name, or alone where each has one only. */
export const twins = (scene: Scene, node: SceneNode, name: string) =>
  scene.balancers
    .filter((other) => other.name !== node.name)
    .flatMap((other) => {
      const all = other.keepalived?.instances ?? [];
      const own = node.keepalived?.instances ?? [];
      const same = all.find((one) => one.name === name) ?? (all.length === 1 && own.length === 1 ? all[0] : undefined);
      return same ? [{ node: other, instance: same }] : [];
    });
