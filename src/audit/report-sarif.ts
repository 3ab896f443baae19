import { type AuditResult, exitOf, type Finding, type Unjudged } from './audit.ts';
import type { Place, Rule } from './rule.ts';
import { rules } from './rules/all.ts';

/** Where a file of a node is found by whoever reads the report: a path relative to where `audit` was run, or a made-up one. */
export type Locate = (node: string, file: string | undefined) => string;

const encoded = (path: string): string =>
  path
    .toWellFormed()
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');

const region = ({ line, text }: Place) =>
  line === undefined
    ? {}
    : { region: { startLine: Math.max(1, line), ...(text === undefined ? {} : { snippet: { text } }) } };

const location = (place: Place, locate: Locate) => ({
  physicalLocation: {
    artifactLocation: { uri: encoded(locate(place.node, place.file)) },
    ...region(place),
  },
  logicalLocations: [{ name: place.node, kind: 'resource' }],
});

const fullText = (rule: Rule): string =>
  [rule.why, rule.instead, ...(rule.write ? ['Write:', ...rule.write.map((line) => `    ${line}`)] : [])].join('\n');

const descriptor = (rule: Rule) => ({
  id: rule.id,
  shortDescription: { text: rule.title },
  fullDescription: { text: `${rule.title} ${rule.why}` },
  help: {
    text: fullText(rule),
    markdown: `${rule.why}\n\n${rule.instead}${rule.write ? `\n\n\`\`\`\n${rule.write.join('\n')}\n\`\`\`` : ''}`,
  },
  defaultConfiguration: { level: rule.severity },
  properties: { tags: ['nginx', 'keepalived', 'high-availability'], problem: { severity: rule.severity } },
});

const resultOf = (finding: Finding, locate: Locate) => ({
  ruleId: finding.rule,
  ruleIndex: rules.findIndex((rule) => rule.id === finding.rule),
  level: finding.severity,
  message: {
    text: [
      `${finding.place.node}: ${finding.found}`,
      finding.instead,
      ...(finding.write.length > 0 ? [`Write: ${finding.write.join(' / ')}`] : []),
    ].join(' '),
  },
  locations: [location(finding.place, locate)],
  ...(finding.related.length > 0
    ? {
        relatedLocations: finding.related.map((place, id) => ({
          id,
          message: { text: `on ${place.node}` },
          ...location(place, locate),
        })),
      }
    : {}),
  partialFingerprints: {
    'haconsole/v1': [
      finding.rule,
      finding.place.node,
      finding.place.file ?? '',
      finding.place.text ?? finding.found,
    ].join('|'),
  },
});

const notification = (one: Unjudged) => ({
  level: 'error',
  message: { text: `${one.node}: ${one.what} could not be looked at: ${one.why}` },
  descriptor: { id: 'not-looked-at' },
});

/** The result as SARIF 2.1.0 (OASIS). What could not be looked at stands as notifications of a run that was not successful. */
export const auditSarif = (result: AuditResult, tool: { version: string }, locate: Locate): object => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'haconsole audit',
          semanticVersion: tool.version,
          rules: rules.map(descriptor),
          notifications: [
            {
              id: 'not-looked-at',
              shortDescription: { text: 'Something could not be looked at, so rules were not judged.' },
              defaultConfiguration: { level: 'error' },
            },
          ],
        },
      },
      automationDetails: { id: `haconsole-audit/${encoded(result.title)}` },
      columnKind: 'utf16CodeUnits',
      invocations: [
        {
          executionSuccessful: result.unknown.length === 0,
          exitCode: exitOf(result),
          toolExecutionNotifications: result.unknown.map(notification),
        },
      ],
      results: result.findings.map((finding) => resultOf(finding, locate)),
    },
  ],
});
