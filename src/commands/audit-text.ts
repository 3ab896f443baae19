import { type AuditResult, exitOf, type Finding, type Unjudged } from '../audit/audit.ts';
import { wrapped } from '../views/parts/wrapped.ts';

/** Lines of a text that may be long. */
const MOST = 40;

/** One finding of several nodes: the same rule, file and line, found in the same words but for the node's name. */
type Told = Finding & { nodes: string[] };

const keyOf = ({ rule, place, found, write }: Finding): string =>
  JSON.stringify([rule, place.file, place.line, place.text, found.replaceAll(place.node, ''), write]);

const merged = (findings: readonly Finding[]): Told[] => {
  const told = new Map<string, Told>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const before = told.get(key);
    if (!before) told.set(key, { ...finding, nodes: [finding.place.node] });
    else if (!before.nodes.includes(finding.place.node)) before.nodes.push(finding.place.node);
  }
  return [...told.values()];
};

const block = (text: string, indent: string, width: number): string[] =>
  wrapped(text, Math.max(20, width - indent.length), MOST).map((line) => `${indent}${line}`);

/** A word and then a text that hangs below itself. */
const hanging = (word: string, text: string, width: number): string[] =>
  block(text, ' '.repeat(10), width).map((line, index) =>
    index === 0 ? `  ${word.padEnd(8)}${line.slice(10)}` : line,
  );

const WORD = { error: 'ERROR', warning: 'WARNING', note: 'NOTE' } as const;

const findingLines = (one: Told, width: number): string[] => [
  ...hanging(
    WORD[one.severity],
    `${one.found} [${one.rule}${one.place.line === undefined ? '' : `, line ${one.place.line}`}]`,
    width,
  ),
  ...(one.place.text === undefined ? [] : block(`> ${one.place.text}`, ' '.repeat(10), width)),
  ...hanging('  why', one.why, width),
  ...hanging('  do', one.instead, width),
  // As they are to be written: not broken, and with their own indentation.
  ...one.write.map((line) => `${' '.repeat(14)}${line}`),
];

/** What could not be looked at: things with one reason in one paragraph, and nodes with the same things together. */
const gapLines = (gaps: readonly Unjudged[], sign: string, width: number): string[] => {
  const byReason = new Map<string, string[]>();
  for (const { node, what, why } of gaps) {
    const key = JSON.stringify([node, why]);
    byReason.set(key, [...(byReason.get(key) ?? []), what]);
  }
  const byThings = new Map<string, string[]>();
  for (const [key, things] of byReason) {
    const [node, why] = JSON.parse(key) as [string, string];
    const same = JSON.stringify([things, why]);
    byThings.set(same, [...(byThings.get(same) ?? []), node]);
  }
  return [...byThings].flatMap(([key, nodes]) => {
    const [things, why] = JSON.parse(key) as [string[], string];
    return hanging(sign, `${nodes.join(', ')}: ${things.join(', ')}: ${why}`, width);
  });
};

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** The result for people: by node and file, the worst first. `width` in cells. */
export const auditText = (result: AuditResult, width: number): string => {
  const told = merged(result.findings);
  const groups = new Map<string, Told[]>();
  for (const one of told) {
    const head = `${one.nodes.join(', ')}${one.place.file === undefined ? '' : `: ${one.place.file}`}`;
    groups.set(head, [...(groups.get(head) ?? []), one]);
  }
  const count = (severity: Finding['severity']) => told.filter((one) => one.severity === severity).length;
  const sum = [
    plural(count('error'), 'error'),
    plural(count('warning'), 'warning'),
    plural(count('note'), 'note'),
    ...(result.unknown.length > 0 ? [`${result.unknown.length} not known`] : []),
  ].join(', ');
  const names = (role: 'lb' | 'web') => result.nodes.filter((node) => node.role === role).map((node) => node.name);
  const looked = [...names('lb'), ...names('web')].join(', ') || 'no node';
  return [
    ...block(`haconsole audit of ${result.title}: ${sum} (${plural(result.rules, 'rule')} on ${looked})`, '', width),
    ...[...groups].flatMap(([head, all]) => [
      '',
      ...block(head, '', width),
      ...all.flatMap((one) => findingLines(one, width)),
    ]),
    ...(result.unknown.length > 0 ? ['', 'could not be looked at'] : []),
    ...gapLines(result.unknown, '?', width),
    ...(result.skipped.length > 0 ? ['', 'not part of this audit'] : []),
    ...gapLines(result.skipped, '-', width),
    '',
    ...block(SENTENCE[exitOf(result)], '', width),
    '',
  ].join('\n');
};

const SENTENCE = {
  0: 'Nothing to correct (exit status 0).',
  1: 'Warnings (exit status 1).',
  2: 'Errors: the pair does not do what it is for, or hands itself to others (exit status 2).',
  3: 'Not everything could be looked at (exit status 3).',
} as const;
