import type { Notice, State } from '../cluster/state.ts';
import { isoOf, type SaidLine } from './format.ts';

/** The lines of the event log that are new or have new words since `before`, in order, each with the older line it stands for. */
export const newlySaid = (before: State, after: State): { notice: Notice; replaces?: number }[] => {
  if (before.notices === after.notices) return [];
  const known = new Set(before.notices);
  const ids = new Set(before.notices.map((notice) => notice.id));
  return after.notices
    .filter((notice) => !known.has(notice))
    .map((notice) => {
      if (ids.has(notice.id)) return { notice, replaces: notice.id };
      const { group } = notice;
      const older = group
        ? before.notices.findLast((one) => one.group?.key === group.key && one.at.mono === notice.at.mono)
        : undefined;
      return older ? { notice, replaces: older.id } : { notice };
    });
};

/** The line of a file for a line of the event log. */
export const saidLine = (said: { notice: Notice; replaces?: number }, mono: number): SaidLine => ({
  k: 'said',
  m: mono,
  t: isoOf(said.notice.at),
  derived: true,
  ...(said.replaces === undefined ? {} : { replaces: said.replaces }),
  d: said.notice,
});
