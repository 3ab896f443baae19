import type { Notice, State } from './state.ts';

/** Lines kept in the event log; older ones are in the record. */
export const NOTICES_KEPT = 2000;
const GROUP_WINDOW = 500;

/** Adds a line to the event log, at `state.now`. */
export const notice = (state: State, line: Omit<Notice, 'id' | 'at' | 'group'>): State => ({
  ...state,
  nextNotice: state.nextNotice + 1,
  notices: [...state.notices.slice(1 - NOTICES_KEPT), { ...line, id: state.nextNotice, at: state.now }],
});

/** Like `notice`, for things that happen to several items at once: a line of the same key less than 0.5 s old is extended. */
export const groupedNotice = (
  state: State,
  key: string,
  item: string,
  line: (items: string[]) => Omit<Notice, 'id' | 'at' | 'group'>,
): State => {
  const index = state.notices.findLastIndex(
    (other) => other.group?.key === key && state.now.mono - other.at.mono <= GROUP_WINDOW,
  );
  const open = state.notices[index];
  const items = open?.group ? [...open.group.items.filter((other) => other !== item), item] : [item];
  const rest = open ? state.notices.filter((_, at) => at !== index) : state.notices;
  const next: Notice = {
    ...line(items),
    id: state.nextNotice,
    at: open?.at ?? state.now,
    group: { key, items },
  };
  return { ...state, nextNotice: state.nextNotice + 1, notices: [...rest.slice(1 - NOTICES_KEPT), next] };
};

/** Marks something as changed now: it lights up and keeps its mark until it is cleared. */
export const mark = (state: State, key: string): State => ({ ...state, marks: { ...state.marks, [key]: state.now } });
