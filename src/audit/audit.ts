import { visibleText } from '../cluster/visible-text.ts';
import { KEEPALIVED_CONF } from '../conf-files/keepalived-tree.ts';
import { NGINX_CONF } from '../conf-files/nginx-tree.ts';
import type { AuditInput, Seen } from './input.ts';
import type { Hit, Need, Place, Rule, Severity } from './rule.ts';
import { rules } from './rules/all.ts';
import { type Scene, type SceneNode, sceneOf } from './scene.ts';

/** One finding: a rule and a place. */
export type Finding = {
  rule: string;
  severity: Severity;
  title: string;
  why: string;
  instead: string;
  place: Place;
  found: string;
  related: Place[];
  write: string[];
};

/** Something that could not be looked at, or was not meant to be, and the rules that were not judged for it. */
export type Unjudged = { node: string; what: string; why: string; rules: string[] };

/** What an audit says. */
export type AuditResult = {
  title: string;
  nodes: { name: string; role: 'lb' | 'web' }[];
  rules: number;
  findings: Finding[];
  /** Could not be looked at: the audit is incomplete. */
  unknown: Unjudged[];
  /** Not part of this audit by its nature. */
  skipped: Unjudged[];
};

type Gap = { needs: readonly Need[]; what: string; is: 'unknown' | 'skipped'; why: string };

const gap = (needs: readonly Need[], what: string, seen: Seen<unknown> | undefined): Gap[] =>
  seen && (seen.is === 'unknown' || seen.is === 'skipped') ? [{ needs, what, is: seen.is, why: seen.why }] : [];

/** What of a node is not known, and which rules need it. */
const gapsOf = (node: SceneNode): Gap[] => {
  const absent = (path: string): Gap[] =>
    node.files.get(path)?.is === 'absent' ? [{ needs: [], what: path, is: 'unknown', why: 'it is not there' }] : [];
  const balancer: Gap[] =
    node.role === 'lb'
      ? [
          ...gap(['keepalived.conf', 'check script'], KEEPALIVED_CONF, node.files.get(KEEPALIVED_CONF)),
          ...absent(KEEPALIVED_CONF),
          ...gap(['nginx.conf'], NGINX_CONF, node.files.get(NGINX_CONF)),
          ...absent(NGINX_CONF),
          ...node.checks.flatMap(({ script, file }) => gap(['check script'], script.path?.value ?? script.name, file)),
          ...[...node.files].flatMap(([path, seen]) =>
            path === KEEPALIVED_CONF ||
            path === NGINX_CONF ||
            node.checks.some((one) => one.script.path?.value === path)
              ? []
              : gap([path.startsWith('/etc/nginx') ? 'nginx.conf' : 'keepalived.conf'], path, seen),
          ),
          ...[...node.versions].flatMap(([name, seen]) => gap(['versions'], `version of ${name}`, seen)),
          ...gap(['keepalived -t'], 'keepalived -t', node.keepalivedTest),
          ...gap(['nginx -t'], 'nginx -t', node.nginxTest),
          ...[...node.rotated].flatMap(([path, seen]) => gap(['check script'], `logrotate of ${path}`, seen)),
        ]
      : [...node.files].flatMap(([path, seen]) => gap(['web page'], path, seen));
  return [
    ...balancer,
    ...[...node.units].flatMap(([unit, seen]) => gap(['units'], `${unit} at boot`, seen)),
    ...gap(['time'], 'time synchronisation', node.timeSync),
  ];
};

const unjudged = (nodes: readonly SceneNode[], is: Gap['is']): Unjudged[] =>
  nodes.flatMap((node) =>
    gapsOf(node)
      .filter((one) => one.is === is)
      .map(({ needs, what, why }) => ({
        node: node.name,
        what: visibleText(what, 200),
        why: visibleText(why, 300),
        rules: rules.filter((rule) => rule.needs.some((need) => needs.includes(need))).map((rule) => rule.id),
      })),
  );

const ORDER: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** Most places of one rule on one node that are told; a hostile file could have thousands. */
const MOST = 25;

/** A place with the line's own text, fit to be shown. */
const shownPlace = (scene: Scene, place: Place): Place => {
  const { node, file, line } = place;
  if (file === undefined) return place;
  const text = line === undefined ? '' : (scene.nodes.find((one) => one.name === node)?.lineText(file, line) ?? '');
  return { ...place, file: visibleText(file, 400), ...(text === '' ? {} : { text }) };
};

const findingsOf = (scene: Scene, rule: Rule): Finding[] => {
  const counts = new Map<string, number>();
  return rule.find(scene).flatMap(({ place, found, related, write }: Hit) => {
    const count = (counts.get(place.node) ?? 0) + 1;
    counts.set(place.node, count);
    if (count > MOST) return [];
    return [
      {
        rule: rule.id,
        severity: rule.severity,
        title: rule.title,
        why: rule.why,
        instead: rule.instead,
        place: shownPlace(scene, place),
        found: visibleText(found, 600),
        related: (related ?? []).map((one) => shownPlace(scene, one)),
        write: (write ?? rule.write ?? []).map((line) => visibleText(line, 240)),
      },
    ];
  });
};

/** Judges what was gathered by every rule. Pure; never throws for what stands in a file. */
export const audit = (input: AuditInput): AuditResult => {
  const scene = sceneOf(input);
  const findings = rules
    .flatMap((rule) => findingsOf(scene, rule))
    .sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  const [first, ...others] = scene.balancers;
  const alone: Unjudged[] =
    first && others.length === 0
      ? [
          {
            node: first.name,
            what: 'the other load balancer',
            why: 'there is one only, so nothing was compared',
            rules: rules.filter((rule) => rule.id.startsWith('drift-')).map((rule) => rule.id),
          },
        ]
      : [];
  return {
    title: input.title,
    nodes: input.nodes.map(({ name, role }) => ({ name, role })),
    rules: rules.length,
    findings,
    unknown: [...unjudged(scene.nodes, 'unknown'), ...(input.wholePair ? alone : [])],
    skipped: [...unjudged(scene.nodes, 'skipped'), ...(input.wholePair ? [] : alone)],
  };
};

/**
 * Exit status: 2 where something is an error; else 3 where something could not be looked at; else 1 for warnings; else 0.
 * Notes and what was not meant to be looked at leave it at 0.
 */
export const exitOf = ({ findings, unknown }: AuditResult): 0 | 1 | 2 | 3 => {
  const worst = (severity: Severity) => findings.some((one) => one.severity === severity);
  return worst('error') ? 2 : unknown.length > 0 ? 3 : worst('warning') ? 1 : 0;
};
