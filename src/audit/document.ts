import { ruleGroups } from './rules/all.ts';

/** Where the generated part of docs/audit.md begins and ends. */
export const BEGIN = '<!-- rules: generated, see src/audit/document.ts -->';
export const END = '<!-- end of rules -->';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** Every rule as tables for docs/audit.md. */
export const ruleTables = (): string =>
  ruleGroups
    .map(({ title, rules }) =>
      [
        `### ${title}`,
        '',
        '| rule | severity | what is wrong | what it leads to | instead |',
        '| --- | --- | --- | --- | --- |',
        ...rules.map((rule) => {
          const write = (rule.write ?? []).map((line) => `\`${line.trim()}\``).join('<br>');
          const instead = write === '' ? rule.instead : `${rule.instead}<br>${write}`;
          return `| \`${rule.id}\` | ${rule.severity} | ${[rule.title, rule.why, instead].map(cell).join(' | ')} |`;
        }),
      ].join('\n'),
    )
    .join('\n\n');

/** The document with its tables made anew. */
export const withTables = (document: string): string => {
  const [head = '', rest = ''] = document.split(BEGIN);
  return `${head}${BEGIN}\n\n${ruleTables()}\n\n${END}${rest.split(END)[1] ?? ''}`;
};
