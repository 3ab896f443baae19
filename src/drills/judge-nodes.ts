import { SPLIT_AFTER } from '../cluster/holding.ts';
import type { ServiceLook } from './history.ts';
import type { Case, Finding } from './judge.ts';
import { firstHeldBy, holdersAt, longestShared, movesIn } from './timeline.ts';
import { seconds } from './times.ts';

type Given = Case<'holder' | 'line' | 'service' | 'moves' | 'split-brain' | 'verdict'>;
type Of<K extends Given['wanted']['kind']> = Case<K>;

/** Not seen in time: a failure where there was time enough, else the drill ended too early to tell. */
const missing = (
  { span, wanted }: Pick<Given, 'span'> & { wanted: { within?: number; tolerance: number } },
  measured: string,
): Finding =>
  wanted.within !== undefined && span.to < span.from + wanted.within
    ? { result: 'unknown', measured, why: 'the drill ended before its time was over' }
    : { result: 'fail', measured, final: wanted.within !== undefined };

/** Seen after so long: in time or too late. */
const timed = (wanted: { within?: number; tolerance: number }, ms: number, what: string): Finding => {
  const late = wanted.within !== undefined && ms > wanted.within + wanted.tolerance;
  return {
    result: late ? 'fail' : 'pass',
    measured: `${what} after ${seconds(ms)}`,
    value: Math.round(ms),
    final: true,
  };
};

const holder = (given: Of<'holder'>): Finding => {
  const { history, wanted, span } = given;
  const lanes = Object.entries(history.timeline);
  if (lanes.some(([, lane]) => lane.length === 0))
    return { result: 'unknown', measured: 'nothing', why: 'no load balancer could be looked at' };
  const at = firstHeldBy(history.timeline, wanted.node, span);
  if (at !== undefined) return timed(wanted, at - span.from, wanted.node === null ? 'nobody held them' : 'seen');
  const now = lanes.map(([vip, lane]) => `${vip} ${(holdersAt(lane, span.to) ?? []).join(' and ') || 'nobody'}`);
  return missing(given, now.join(', '));
};

const line = (given: Of<'line'>): Finding => {
  const { history, wanted, span } = given;
  const { readable, at } = history.lines(wanted.node, wanted.line, span);
  if (at !== undefined) return timed(wanted, at - span.from, 'seen');
  if (!readable)
    return { result: 'unknown', measured: 'nothing', why: `the check log of ${wanted.node} could not be read` };
  return missing(given, 'no such line');
};

const looked = ({ unit, processes }: ServiceLook): string => {
  const frozen = processes && processes.length > 0 && processes.every((one) => one.stat.startsWith('T'));
  return `${unit ? unit.active : 'unit unknown'}${processes ? `, ${processes.length} process${processes.length === 1 ? '' : 'es'}${frozen ? ' stopped' : ''}` : ''}`;
};

const service = (given: Of<'service'>): Finding => {
  const { history, wanted, span, taken } = given;
  // A look that was asked for before the act had taken effect tells how it was before.
  const looks = history
    .looks(wanted.node, wanted.service)
    .filter((look) => look.asked >= taken && look.at <= span.to && look.unit !== undefined);
  const fits = (look: ServiceLook): boolean => {
    const frozen = (look.processes ?? []).length > 0 && (look.processes ?? []).every((one) => one.stat.startsWith('T'));
    return wanted.active.includes(look.unit?.active ?? '') && (wanted.frozen === undefined || frozen === wanted.frozen);
  };
  const last = looks.at(-1);
  if (!last) return { result: 'unknown', measured: 'nothing', why: `${wanted.node} was not looked at since` };
  if (wanted.within === undefined) return { result: fits(last) ? 'pass' : 'fail', measured: looked(last) };
  const first = looks.find(fits);
  return first ? timed(wanted, first.at - span.from, looked(first)) : missing(given, looked(last));
};

const moves = ({ history, wanted, span }: Of<'moves'>): Finding => {
  if (Object.values(history.timeline).some((lane) => lane.length === 0))
    return { result: 'unknown', measured: 'nothing', why: 'no load balancer could be looked at' };
  const all = movesIn(history.timeline, span);
  const counts = history.plan.vips.map((vip) => all.filter((move) => move.vip === vip).length);
  const { least, most } = wanted.bounds;
  const bad = counts.some((count) => (least !== undefined && count < least) || (most !== undefined && count > most));
  const same = counts.every((count) => count === counts[0]);
  const words = same
    ? `${counts[0] ?? 0}`
    : history.plan.vips.map((vip, index) => `${vip} ${counts[index]}`).join(', ');
  return {
    result: bad ? 'fail' : 'pass',
    measured: `${words} move${words === '1' ? '' : 's'}`,
    value: Math.max(0, ...counts),
    final: counts.some((count) => most !== undefined && count > most),
  };
};

const splitBrain = ({ history, wanted, span }: Of<'split-brain'>): Finding => {
  if (Object.values(history.timeline).some((lane) => lane.length === 0))
    return { result: 'unknown', measured: 'nothing', why: 'no load balancer could be looked at' };
  const ms = longestShared(history.timeline, span);
  const seen = ms > SPLIT_AFTER;
  const measured = ms <= 0 ? 'never two holders' : `two holders for ${seconds(ms)}`;
  return { result: seen === wanted.seen ? 'pass' : 'fail', measured, value: Math.round(ms), final: seen };
};

const verdict = (given: Of<'verdict'>): Finding => {
  const { history, wanted, span } = given;
  if (history.verdicts.length === 0)
    return { result: 'unknown', measured: 'nothing', why: 'the verdict was not recorded' };
  const seen = history.verdicts.find(
    (one) => one.at >= span.from && one.at <= span.to && wanted.codes.includes(one.code),
  );
  if (seen) return timed(wanted, seen.at - span.from, seen.code);
  const before = history.verdicts.findLast((one) => one.at <= span.from);
  if (before && wanted.codes.includes(before.code)) return timed(wanted, 0, before.code);
  return missing(given, history.verdicts.findLast((one) => one.at <= span.to)?.code ?? 'none');
};

/** Judges what the nodes and the console's own verdict showed. */
export const judgeNodes = (given: Given): Finding => {
  const { wanted } = given;
  switch (wanted.kind) {
    case 'holder':
      return holder({ ...given, wanted });
    case 'line':
      return line({ ...given, wanted });
    case 'service':
      return service({ ...given, wanted });
    case 'moves':
      return moves({ ...given, wanted });
    case 'split-brain':
      return splitBrain({ ...given, wanted });
    case 'verdict':
      return verdict({ ...given, wanted });
  }
};
