import type { DrillSample, LossKind } from '../cluster/drill.ts';
import type { Answer } from '../cluster/state.ts';

/** Why a request got no good answer. */
const lossOf = ({ ok, status, failure }: Answer): LossKind => {
  if (ok === null) return 'path';
  if (status !== undefined || !failure) return 'wrong';
  if (failure.step === 'timeout') return 'timeout';
  if (/refused/i.test(failure.found)) return 'refused';
  return /reset|closed/i.test(failure.found) ? 'reset' : 'unreachable';
};

/** A judged answer (`cluster/answer.ts`) as one request of the close measurement. `asked` mono ms. */
export const sampleOf = (vip: string, asked: number, answer: Answer): DrillSample => ({
  vip,
  asked,
  answered: answer.at.mono,
  ok: answer.ok,
  ...(answer.ok === true && answer.servedBy !== undefined ? { servedBy: answer.servedBy } : {}),
  ...(answer.ok === true ? {} : { loss: lossOf(answer) }),
});
