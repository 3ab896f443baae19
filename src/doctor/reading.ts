import { visibleText } from '../cluster/visible-text.ts';
import type { Answer, Answers } from './answers.ts';
import { bad, type Line, ok, unknown } from './report.ts';
import { KEEPALIVED_CONF } from './script.ts';

/** What the account on the node may read and write by itself, without root. */
export type Reach = { isRoot: boolean; user: string; readsConf: boolean; writesLog: boolean };

const SILENT = 'it did not answer in time';

/** Whether a `test` said yes; undefined: it did not answer. */
const yes = (answer: Answer | undefined): boolean | undefined => (answer ? answer.rc === 0 : undefined);

/** Who we are on the node, from `id`. */
export const reachOf = (answers: Answers): Reach => {
  const id = answers('ID')?.text ?? '';
  return {
    isRoot: /uid=0\(/.test(id),
    user: /uid=\d+\(([\w.@-]{1,64}\$?)\)/.exec(id)?.[1] ?? 'the user',
    readsConf: yes(answers('KREAD')) === true,
    writesLog: yes(answers('LOGWRITE')) === true,
  };
};

/** Whether the journal of the services can be read: an account without the right gets an empty one, not an error. */
export const journalLine = (answers: Answers): Line => {
  const answer = answers('JOURNAL');
  const id = answers('ID')?.text ?? '';
  const user = reachOf(answers).user;
  const advice = `usermod -aG systemd-journal ${user} on the node (a new login is needed), or allow journalctl in sudoers; without it the console does not show why a VIP moved`;
  if (!answer) return unknown('journal', SILENT, 'is the node’s disk slow? try journalctl -n 1 there');
  if (answer.rc === 127) return bad('journal', 'journalctl is not there', 'it is part of systemd');
  const said = visibleText(answer.text.trim().split('\n').at(-1) ?? '', 160);
  // Only where it failed: what the journal holds may well be about sudo.
  if (answer.rc !== 0 && /sudo|password|not allowed|sudoers/i.test(said))
    return bad('journal', `${user} may not read it (${said})`, advice);
  if (answer.rc !== 0) return bad('journal', said || `journalctl ended with status ${answer.rc}`, advice);
  if (/^No journal files were opened|^Hint: You are currently not seeing/m.test(answer.text))
    return bad('journal', `${user} may not read it`, advice);
  const entitled = /uid=0\(|\((?:adm|systemd-journal|wheel)\)/.test(id);
  if (said === '' || /^-- No entries --/.test(said))
    return entitled
      ? unknown(
          'journal',
          'it can be read, and holds nothing of these services',
          'was it rotated away, or is it off (Storage=none)?',
        )
      : unknown('journal', `empty for ${user}: nothing was logged, or he may not read it`, advice);
  return ok('journal', 'readable');
};

/** The mount point with the longest path that holds this file, and whether it is read-only. */
const mountOf = (mounts: string, path: string): { point: string; readOnly: boolean } | undefined =>
  mounts
    .split('\n')
    .map((row) => row.split(' '))
    .flatMap(([, point = '', , options = '']) =>
      point !== '' && (path === point || path.startsWith(point === '/' ? '/' : `${point}/`))
        ? [{ point, readOnly: options.split(',').includes('ro') }]
        : [],
    )
    // Of two mounts on one point the later covers the earlier.
    .reduce<{ point: string; readOnly: boolean } | undefined>(
      (best, one) => (best === undefined || one.point.length >= best.point.length ? one : best),
      undefined,
    );

/** Free blocks of the disk that holds a file, from `df -P`. */
const freeOn = (df: string): number | undefined => {
  const free = df.trim().split('\n').at(-1)?.trim().split(/\s+/)[3];
  return free !== undefined && /^\d+$/.test(free) ? Number(free) : undefined;
};

/** Whether the check log is there and can be read, and what keeps a line from being written, as far as no right is asked about. */
export const checkLogLines = (answers: Answers, checkLog: string): Line[] => {
  const log = visibleText(checkLog, 120);
  const there = yes(answers('LOGIS'));
  const readable = yes(answers('LOGREAD'));
  if (there === undefined || readable === undefined) return [unknown('check log', `${log}: ${SILENT}`)];
  const mount = mountOf(answers('MOUNTS')?.text ?? '', checkLog);
  const free = freeOn(answers('LOGDISK')?.text ?? '');
  if (!there)
    return [
      unknown(
        'check log',
        `${log} is not there, or may not be seen`,
        'right if the check script has never written; else name the file: checkLog in the cluster file',
      ),
    ];
  const lines = [
    readable
      ? ok('check log', `${log} can be read`)
      : bad(
          'check log',
          `${log} may not be read`,
          `chmod o+r ${log} on the node: without it the console does not show what the check script did`,
        ),
  ];
  if (mount?.readOnly)
    lines.push(
      bad(
        'check log writable',
        `${mount.point} is on a read-only file system: ${log} takes no line, not even from root`,
        'look at the node’s disk (dmesg): it may have been remounted after an error; mount -o remount,rw when it is sound',
      ),
    );
  else if (free === 0)
    lines.push(
      bad(
        'check log writable',
        `the disk under ${log} is full`,
        'make room; the check script’s own lines are lost too',
      ),
    );
  else if (yes(answers('LOGWRITE'))) lines.push(ok('check log writable', `by ${reachOf(answers).user}`));
  return lines;
};

/** Whether keepalived.conf can be read without root; undefined where root has to be asked about. */
export const confLine = (answers: Answers): Line | undefined =>
  yes(answers('KREAD')) ? ok('keepalived.conf', `${KEEPALIVED_CONF} can be read`) : undefined;
