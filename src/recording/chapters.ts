import type { Happening } from './file-index.ts';

/** A stretch of a session that a person looks for: a drill, or the time from a verdict that was not OK until all was well again. Mono ms. */
export type Chapter = { kind: 'drill' | 'incident'; name: string; from: number; until?: number };

const drillLine = /^drill ([^:]+?)(?: refused| ended early)?: /;

/** The drills and the incidents of a session, in order of time. `happenings` stand in order of time. */
export const chaptersOf = (happenings: readonly Happening[]): Chapter[] => {
  const chapters: Chapter[] = [];
  let incident: Chapter | undefined;
  let drill: Chapter | undefined;
  for (const { at, kind, severity, source, text } of happenings) {
    if (kind === 'verdict') {
      if (severity === 'good') {
        if (incident) incident.until = at.mono;
        incident = undefined;
      } else if (!incident) {
        incident = { kind: 'incident', name: text.split(':', 1)[0] ?? text, from: at.mono };
        chapters.push(incident);
      }
    }
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
