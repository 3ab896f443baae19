import { judge } from '../cluster/verdict.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { LiveSession } from '../session/live.ts';
import type { Io } from './io.ts';

/**
 * Prints what the event log would show as one JSON object a line, until it is ended: `at` (ISO time), `mono` (ms), `kind`,
 * `source`, `severity`, `text`; and with every verdict its code and level. For scripts, and for measuring.
 */
export const watchLines = async (session: LiveSession, io: Io): Promise<number> => {
  let printed = 0;
  const print = () => {
    const { state } = session.get();
    for (const line of state.notices.filter((one) => one.id > printed)) {
      printed = line.id;
      const { code, level } = judge(state);
      io.stdout.write(
        `${JSON.stringify({
          at: new Date(line.at.wall).toISOString(),
          mono: Math.round(line.at.mono * 10) / 10,
          kind: line.kind,
          source: visibleText(line.source),
          severity: line.severity,
          text: visibleText(line.text),
          ...(line.kind === 'verdict' ? { verdict: code, level } : {}),
        })}\n`,
      );
    }
  };
  const unsubscribe = session.subscribe(print);
  print();
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) return resolve();
    io.signal.addEventListener('abort', () => resolve(), { once: true });
    io.stdout.once('close', () => resolve());
  });
  unsubscribe();
  return 0;
};
