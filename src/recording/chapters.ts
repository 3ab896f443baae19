import type { Happening } from './file-index.ts';

/** What a person looks for in a session: a drill, or the time from which things were worse than before. Mono ms. */
export type Chapter = { kind: 'drill' | 'incident'; name: string; from: number; until?: number };

/** What gets worse again so soon is the same incident, ms. */
const SAME = 15_000;

/** How bad a verdict is: 0 well, 1 works and something is odd, 2 the next fault is an outage or one is near, 3 an outage, or nobody knows. */
const tierOf = (code: string, severity: Happening['severity']): number => {
  if (severity === 'good') return 0;
  if (severity === 'bad' || code === 'blind') return 3;
  return code === 'degraded' || code === 'partly-blind' ? 1 : 2;
};

const drillLine = /^drill ([^:]+?)(?: refused| ended early)?: /;

/** The drills and the incidents of a session, in order of time. `happenings` stand in order of time. */
export const chaptersOf = (happenings: readonly Happening[]): Chapter[] => {
  const chapters: Chapter[] = [];
  const open: { chapter: Chapter; tier: number }[] = [];
  let tier = 0;
  let begun = Number.NEGATIVE_INFINITY;
  let drill: Chapter | undefined;

  const judged = (at: number, code: string, next: number): void => {
    while ((open.at(-1)?.tier ?? 0) > next) (open.pop() as (typeof open)[number]).chapter.until = at;
    if (next > tier && at - begun >= SAME) {
      const chapter: Chapter = { kind: 'incident', name: code, from: at };
      chapters.push(chapter);
      open.push({ chapter, tier: next });
      begun = at;
    }
    tier = next;
  };

  for (const { at, kind, severity, source, text } of happenings) {
    const code = text.split(':', 1)[0] ?? text;
    if (kind === 'verdict') judged(at.mono, code, tierOf(code, severity));
    const name = kind === 'drill' && source === 'console' ? drillLine.exec(text)?.[1] : undefined;
    if (name === undefined) continue;
    // Its plan is told as information; its end, whatever it came to, is not.
    if (severity === 'info') {
      drill = { kind: 'drill', name, from: at.mono };
      chapters.push(drill);
    } else if (drill?.name === name && !text.startsWith(`drill ${name} ended early`)) {
      drill.until = at.mono;
      drill = undefined;
    }
  }
  return chapters;
};
