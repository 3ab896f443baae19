/**
 * restart: the check script restarted nginx · killall: it gave up and stopped keepalived · gave-up: it restarts no more for a
 * while · note: haconsole wrote it for a person · other: anything else.
 */
export type CheckLogKind = 'restart' | 'killall' | 'gave-up' | 'note' | 'other';

/** Nothing longer is looked at, in characters. */
const LONGEST = 1000;

/** What a line of the check log tells, read from its end: the date before it is in the script's own locale and zone. */
export const classifyCheckLine = (line: string): CheckLogKind => {
  const text = line.slice(0, LONGEST);
  // Before all others: a note may end in the words of any of them.
  if (/: note by [^:]{1,200}: /.test(text)) return 'note';
  if (/:\s*(?:\S*\/)?systemctl\s+restart\s+(?:nginx|\S*nginx\S*)\s*$/.test(text)) return 'restart';
  if (/:\s*(?:\S*\/)?(?:killall|pkill|systemctl\s+stop)\s+.*keepalived(?:\.service)?\s*$/.test(text)) return 'killall';
  if (/: \S+ does not come up, no more restarts for \d+ s\s*$/.test(text)) return 'gave-up';
  return 'other';
};

/** What the killing of keepalived means; the tutorial's script never gets to write its own line about it. */
export const GAVE_UP = 'check_nginx gave up and killed keepalived: it will not return by itself';

/** The sentence that explains a line of the check log; undefined where the line speaks for itself. */
export const explainCheckLine = (line: string): string | undefined => {
  switch (classifyCheckLine(line)) {
    case 'restart':
      return 'check_nginx found no nginx and restarted it';
    case 'killall':
      return GAVE_UP;
    case 'gave-up':
      return 'nginx does not start: check_nginx leaves it down for now and reports the node as failed';
    case 'note':
      return 'a note, written with haconsole';
    default:
      return undefined;
  }
};
