import type { Analysis } from '../report/analysis.ts';
import type { DrillReport } from '../report/drills.ts';
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

/** A drill as a suite, as `drill run --junit` has it: what could not be told is an error, a refused drill is skipped. */
const drillSuite = (drill: DrillReport, analysis: Analysis): JUnitSuite => {
  const { name: suite, outcome } = drill;
  const time = (drill.until?.mono ?? analysis.window.to.mono) - drill.at.mono;
  const restored = outcome?.restored ?? null;
  const kinds = { fail: 'failure', unknown: 'error' } as const;
  const judged = (name: string, result: 'pass' | 'fail' | 'unknown', message: string): JUnitCase => ({
    name,
    suite,
    time: 0,
    ...(result === 'pass' ? {} : { problem: { kind: kinds[result], message, detail: message } }),
  });
  const refusal = drill.refused.join('; ');
  const broken = drill.steps.filter((step) => step.state === 'failed' || step.state === 'unknown');
  const cases: JUnitCase[] =
    drill.refused.length > 0
      ? [{ name: 'the gate is open', suite, time: 0, problem: { kind: 'skipped', message: refusal, detail: refusal } }]
      : [
          judged(
            'every step came about',
            broken.some((step) => step.state === 'failed') ? 'fail' : broken.length > 0 ? 'unknown' : 'pass',
            broken.map((step) => `${step.text}: ${step.seen}`).join('; '),
          ),
          ...drill.expectations.map((one) => judged(one.expected, one.result, `${one.text}: ${one.measured}`)),
          judged(
            'all is as it was before',
            restored === null ? 'unknown' : restored ? 'pass' : 'fail',
            outcome?.summary ?? 'the drill had not ended',
          ),
        ];
  return { name: `drill ${suite}`, timestamp: drill.at.wall, time, properties: [['session', analysis.id]], cases };
};

/** A session as test suites: each VIP answered, each action took effect, the record is whole; and each drill. */
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
    ...analysis.drills.map((drill) => drillSuite(drill, analysis)),
  ];
};
