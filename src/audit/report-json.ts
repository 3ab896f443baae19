import { type AuditResult, exitOf, type Finding, type Unjudged } from './audit.ts';

/** What `audit --json` prints: version 1. */
export type AuditReport = {
  schema: 'haconsole.audit/1';
  cluster: string;
  exit: 0 | 1 | 2 | 3;
  summary: { errors: number; warnings: number; notes: number; unknown: number; rules: number };
  nodes: { name: string; role: 'lb' | 'web' }[];
  findings: {
    rule: string;
    severity: 'error' | 'warning' | 'note';
    node: string;
    file: string | null;
    line: number | null;
    /** The line itself; secrets are stars. */
    evidence: string | null;
    title: string;
    found: string;
    why: string;
    instead: string;
    write: string[];
    related: { node: string; file: string | null; line: number | null }[];
  }[];
  unknown: Unjudged[];
  skipped: Unjudged[];
};

const count = (findings: readonly Finding[], severity: Finding['severity']): number =>
  findings.filter((one) => one.severity === severity).length;

/** The result as JSON. */
export const auditReport = (result: AuditResult): AuditReport => ({
  schema: 'haconsole.audit/1',
  cluster: result.title,
  exit: exitOf(result),
  summary: {
    errors: count(result.findings, 'error'),
    warnings: count(result.findings, 'warning'),
    notes: count(result.findings, 'note'),
    unknown: result.unknown.length,
    rules: result.rules,
  },
  nodes: result.nodes,
  findings: result.findings.map(({ rule, severity, place, title, found, why, instead, write, related }) => ({
    rule,
    severity,
    node: place.node,
    file: place.file ?? null,
    line: place.line ?? null,
    evidence: place.text ?? null,
    title,
    found,
    why,
    instead,
    write,
    related: related.map(({ node, file, line }) => ({ node, file: file ?? null, line: line ?? null })),
  })),
  unknown: result.unknown,
  skipped: result.skipped,
});
