import type { Analysis } from '../report/analysis.ts';
import { lengthWords, measured } from '../report/words.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
/** What XML 1.0 cannot hold at all, not even escaped. */
const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Text for XML: an attribute or an element. */
export const escapeXml = (text: string): string =>
  text.replace(forbidden, '\uFFFD').replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string);

/** One test case: nothing (it passed), or how it did not. */
export type JUnitCase = {
  name: string;
  suite: string;
  /** ms */
  time: number;
  problem?: { kind: 'failure' | 'error' | 'skipped'; message: string; detail: string };
};

export type JUnitSuite = {
  name: string;
  timestamp: number;
  time: number;
  properties: [string, string][];
  cases: JUnitCase[];
};

const attributes = (pairs: Record<string, string | number>): string =>
  Object.entries(pairs)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
const count = (cases: JUnitCase[], kind: string): number => cases.filter((one) => one.problem?.kind === kind).length;

const caseXml = ({ name, suite, time, problem }: JUnitCase): string => {
  const head = `    <testcase${attributes({ classname: suite, name, time: seconds(time) })}`;
  if (!problem) return `${head}/>\n`;
  const { kind, message, detail } = problem;
  return `${head}>\n      <${kind}${attributes({ message })}>${escapeXml(detail)}</${kind}>\n    </testcase>\n`;
};

const suiteXml = ({ name, timestamp, time, properties, cases }: JUnitSuite): string =>
  `  <testsuite${attributes({
    name,
    tests: cases.length,
    failures: count(cases, 'failure'),
    errors: count(cases, 'error'),
    skipped: count(cases, 'skipped'),
    time: seconds(time),
    timestamp: new Date(timestamp).toISOString().slice(0, 19),
  })}>\n    <properties>\n${properties
    .map(([key, value]) => `      <property${attributes({ name: key, value })}/>\n`)
    .join('')}    </properties>\n${cases.map(caseXml).join('')}  </testsuite>\n`;

/** JUnit XML as the common readers take it (testmoapp/junitxml). */
export const junitXml = (suites: JUnitSuite[]): string => {
  const cases = suites.flatMap((suite) => suite.cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({
    tests: cases.length,
    failures: count(cases, 'failure'),
    errors: count(cases, 'error'),
    time: seconds(suites.reduce((sum, suite) => sum + suite.time, 0)),
  })}>\n${suites.map(suiteXml).join('')}</testsuites>\n`;
};

/** A session as test suites: each VIP answered, each action took effect, the record is whole. */
export const sessionSuites = (analysis: Analysis): JUnitSuite[] => {
  const time = analysis.window.to.mono - analysis.window.from.mono;
  const cases: JUnitCase[] = [
    ...analysis.vips.map((vip): JUnitCase => {
      const base = { name: `${vip.address} answers every request`, suite: 'vips', time };
      if (vip.good + vip.lost === 0)
        return {
          ...base,
          problem: { kind: 'skipped', message: 'not measured', detail: 'no request was answered or lost' },
        };
      if (vip.lost === 0) return base;
      return {
        ...base,
        problem: {
          kind: 'failure',
          message: `${vip.lost} of ${vip.good + vip.lost} requests lost`,
          detail: vip.outages
            .map(
              (one) =>
                `${new Date(one.from.wall).toISOString()} ${measured(one.ms, one.resolution)}, ${one.lost} lost: ${one.why ?? ''}${one.cause ? `; ${one.cause}` : ''}`,
            )
            .join('\n'),
        },
      };
    }),
    ...analysis.actions.map((action): JUnitCase => {
      const base = { name: `${action.id}: ${action.text}`, suite: 'actions', time: action.ms ?? 0 };
      if (action.outcome === 'done') return base;
      const kind = action.outcome === 'no-effect' ? 'failure' : action.outcome === 'refused' ? 'skipped' : 'error';
      return { ...base, problem: { kind, message: action.outcome, detail: action.seen } };
    }),
    {
      name: 'the record is sealed and whole',
      suite: 'record',
      time: 0,
      ...(analysis.seal.outcome === 'sealed' && analysis.gaps.length === 0
        ? {}
        : {
            problem: {
              kind: 'failure',
              message: analysis.seal.outcome === 'sealed' ? `${analysis.gaps.length} gaps` : analysis.seal.reason,
              detail: analysis.gaps.map((gap) => `${lengthWords(gap.to - gap.from)}: ${gap.why}`).join('\n'),
            },
          }),
    },
  ];
  return [
    {
      name: `${analysis.cluster}: session ${analysis.id}`,
      timestamp: analysis.window.from.wall,
      time,
      properties: [
        ['session', analysis.id],
        ['cluster', analysis.cluster],
        ['haconsole', analysis.app],
        ['seal', analysis.seal.hash ?? 'none'],
        ['interval_ms', String(analysis.interval)],
      ],
      cases,
    },
  ];
};
