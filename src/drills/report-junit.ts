import type { DrillReport } from './report.ts';

/** Text as XML 1.0 allows it: control characters, lone surrogates and the two non-characters are dropped, the five signs escaped. */
export const xmlText = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);

type Case = { name: string; group: string; result: 'pass' | 'fail' | 'unknown' | 'skipped'; message: string };

const casesOf = (report: DrillReport): Case[] => {
  const group = report.drill;
  if (report.outcome.status === 'refused')
    return [{ name: 'the gate is open', group, result: 'skipped', message: report.refusals.join('; ') }];
  const faults = report.judgement?.faults ?? [];
  const broken = faults.map((one) => one.text).join('; ');
  const { restored, summary } = report.outcome;
  return [
    {
      name: 'every step came about',
      group,
      result: faults.some((one) => one.at === 'failed') ? 'fail' : faults.length > 0 ? 'unknown' : 'pass',
      message: broken,
    },
    ...(report.judgement?.results ?? []).map((one) => ({
      name: one.expected,
      group: report.plan?.expectations[one.index]?.part ?? group,
      result: one.result,
      message: one.text,
    })),
    {
      name: 'all is as it was before',
      group,
      result: restored === true ? ('pass' as const) : restored === false ? ('fail' as const) : ('unknown' as const),
      message: summary,
    },
  ];
};

const TAGS = { fail: 'failure', unknown: 'error', skipped: 'skipped' } as const;

const caseText = ({ name, group, result, message }: Case): string => {
  const head = `    <testcase classname="${xmlText(group)}" name="${xmlText(name)}"`;
  if (result === 'pass') return `${head}/>\n`;
  const type = result === 'skipped' ? '' : ` type="${result}"`;
  return `${head}>\n      <${TAGS[result]}${type} message="${xmlText(message)}"/>\n    </testcase>\n`;
};

/** Reports as JUnit XML, one suite each; an expectation that could not be told is an error, a refused drill is skipped. */
export const reportJunit = (reports: readonly DrillReport[]): string => {
  const suites = reports.map((report) => {
    const cases = casesOf(report);
    const count = (result: Case['result']) => cases.filter((one) => one.result === result).length;
    const time = ((report.ended - report.started) / 1000).toFixed(3);
    const stamp = new Date(report.started).toISOString().replace(/\.\d+Z$/, 'Z');
    const attributes = `name="${xmlText(report.drill)}" tests="${cases.length}" failures="${count('fail')}" errors="${count('unknown')}" skipped="${count('skipped')}" time="${time}" timestamp="${stamp}" hostname="${xmlText(report.cluster)}"`;
    return `  <testsuite ${attributes}>\n${cases.map(caseText).join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
};
