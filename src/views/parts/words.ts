import type { Link } from '../../cluster/events.ts';
import type { Failure } from '../../cluster/failure.ts';
import type { Answer, State, VerdictCode } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Look, Role } from '../theme.ts';
import { type Row, span } from './rows.ts';
import { howLong, latency } from './times.ts';

/** How a verdict is called on the screen. */
export const verdictWords: Record<VerdictCode, string> = {
  blind: 'blind',
  'all-down': 'all down',
  'split-brain': 'split brain',
  'failing-over': 'failing over',
  'no-master': 'no master',
  'vip-unserved': 'VIP unserved',
  'all-backends-down': 'all backends down',
  'backend-down': 'backend down',
  'no-backup': 'no backup',
  'partly-blind': 'partly blind',
  degraded: 'degraded',
  healthy: 'healthy',
};

/** Why a look failed, short: `no right: …` or `tcp: connection refused`. */
export const failureWords = (failure: Failure): string =>
  visibleText(`${failure.step === 'permission' ? 'no right' : failure.step}: ${failure.found}`, 300);

/** Seconds until a link tries again, in words. */
export const retryWords = (link: Link, now: number): string =>
  link.retryAt === undefined ? '' : `retry in ${Math.max(0, Math.ceil((link.retryAt - now) / 1000))}s`;

/** A link in a few words with its sign: `● 14 ms`, `? tcp: refused, retry in 4s`. */
export const linkWords = (link: Link, now: number, look: Look): Row => {
  const { glyphs } = look;
  const why = link.failure ? ` ${failureWords(link.failure)}` : '';
  switch (link.phase) {
    case 'up':
      return [span(glyphs.good, 'good'), span(link.rtt === undefined ? ' up' : ` ${latency(link.rtt)}`)];
    case 'connecting':
      return [span(`${glyphs.waiting} connecting`, 'unknown'), span(why, 'unknown')];
    case 'waiting':
      return [
        span(`${glyphs.unknown}${why === '' ? ' not connected' : why}`, 'unknown'),
        span(`, ${retryWords(link, now)}`, 'unknown'),
      ];
    case 'failed':
      return [
        span(`${glyphs.unknown}${why === '' ? ' not connected' : why}`, 'unknown'),
        span(', r tries again', 'unknown'),
      ];
  }
};

/** An answer this quick, ms, is quick: what the tunnel adds flickers by as much. */
const QUICK = 50;

/**
 * One HTTP answer: `● web1 200 <50 ms`, `✗ HTTP 404 without the marker of a web node`, `? tcp: …`. `faded`: it is old, and so it
 * has the sign of old values.
 */
export const answerWords = (
  answer: Answer | undefined,
  look: Look,
  more: { lit?: boolean; faded?: boolean } = {},
): Row => {
  const { glyphs } = look;
  if (!answer) return [span(`${glyphs.waiting} not asked yet`, 'unknown')];
  const why = visibleText(answer.why ?? (answer.failure ? failureWords(answer.failure) : ''), 200);
  if (answer.ok === null) return [span(`${glyphs.unknown} ${why === '' ? 'unknown' : why}`, 'unknown', more)];
  const took = answer.ms === undefined || answer.status === undefined ? '' : ` ${latency(answer.ms, QUICK)}`;
  if (!answer.ok) {
    const text = why === '' ? 'bad answer' : why;
    return [span(`${more.faded ? glyphs.stale : glyphs.bad} ${text}${took}`, more.faded ? 'plain' : 'bad', more)];
  }
  const name = visibleText(answer.servedBy ?? '', 40);
  const status = answer.status === undefined ? '' : ` ${answer.status}`;
  return [
    more.faded ? span(glyphs.stale, 'plain', more) : span(glyphs.good, 'good', more),
    span(`${name === '' ? '' : ` ${name}`}${status}${took}`, 'plain', more),
  ];
};

/** Asked in vain, which tells nothing of the target: the last good answer with its age, then why: `? was web1 7s ago, no answer`. */
export const unansweredWords = (answer: Answer, good: Answer, look: Look, more: { now: number; lit: boolean }): Row => {
  const name = visibleText(good.servedBy ?? '', 40);
  const why = visibleText(answer.why ?? (answer.failure ? failureWords(answer.failure) : ''), 200);
  const was = `${look.glyphs.unknown} was ${name === '' ? 'good' : name} ${howLong(more.now - good.at.mono)} ago`;
  return [span(was, 'unknown', { lit: more.lit }), span(why === '' ? '' : `, ${why}`, 'dim')];
};

const sources: Role[] = ['source0', 'source1', 'source2', 'source3', 'source4', 'source5'];

/** The colour of a web node in the strip of answers: the first has none, which makes the others stand out. */
export const webRole = (state: State, name: string): Role => {
  const webs = state.topology.nodes.filter((node) => node.role === 'web');
  const index = webs.findIndex((node) => node.name === name);
  return index <= 0 ? 'plain' : (sources[(index - 1) % sources.length] ?? 'plain');
};

/** The colour by which a node or VIP is recognised in the log and in the rotation; a help beside its name, never instead. */
export const sourceRole = (state: State, source: string): Role => {
  const index = state.topology.nodes.findIndex((node) => node.name === source);
  if (index >= 0) return sources[index % sources.length] ?? 'plain';
  return state.vips[source] ? 'strong' : 'dim';
};
