import { vipsOf } from '../cluster/finding.ts';
import { holdersOf } from '../cluster/holding.ts';
import type { State } from '../cluster/state.ts';
import { judge } from '../cluster/verdict.ts';
import { visibleText } from '../cluster/visible-text.ts';

/** The state in one line: time, verdict, and per VIP its holder and who answered. The verdict is of this very moment, not the headline that a screen keeps for a while. */
export const stateLine = (state: State): string => {
  const verdict = judge(state);
  const time = new Date(state.now.wall).toISOString().slice(11, 19);
  const vips = vipsOf(state).map((vip) => {
    const last = vip.probe.last;
    const answer = last?.ok ? (last.servedBy ?? 'ok') : last?.ok === false ? 'no answer' : '?';
    return `${vip.address} ${holdersOf(state, vip).join('+') || 'nobody'} ${answer}`;
  });
  return visibleText(`${time}  ${verdict.code.padEnd(12)}  ${vips.join('  ·  ')}  (${verdict.reason})`);
};
