import type { Rule } from '../rule.ts';
import { eachCheck } from '../scene.ts';
import {
  ASKS_SERVER,
  appendedLogs,
  COUNTS_PROCESSES,
  firstLine,
  KILLS_KEEPALIVED,
  LIMITS,
  neverFails,
  PAUSES,
  SHORTENS,
  STARTS_SERVICE,
  shellLines,
  sleeps,
} from '../shell.ts';

const NEEDS = ['keepalived.conf', 'check script'] as const;

/** Seconds that a restart of nginx may take beside what the script sleeps: it may need five to stop. */
const RESTART = 5;

/** The check script, and how keepalived runs it. */
export const checkRules: readonly Rule[] = [
  {
    id: 'check-script-missing',
    severity: 'error',
    title: 'The check script is not there.',
    why: 'keepalived cannot run it: a check that can never succeed puts the instance into FAULT, or its weight is lost for good.',
    instead: 'Put the script where vrrp_script says, owned by root, mode 0755.',
    needs: NEEDS,
    find: ({ balancers }) =>
      balancers.flatMap((node) =>
        node.checks.flatMap(({ script, file }) =>
          file.is === 'absent'
            ? [{ place: node.place(script.path?.at ?? script.at), found: `${script.path?.value} does not exist.` }]
            : [],
        ),
      ),
  },
  {
    id: 'check-not-executable',
    severity: 'error',
    title: 'The check script is not executable.',
    why: 'keepalived refuses to run it and works without a check: nginx may die and the VIPs stay.',
    instead: 'chmod 0755',
    needs: [...NEEDS, 'modes'],
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, file, script }) =>
        file.mode !== undefined && (file.mode & 0o111) === 0 && script.command.startsWith('/')
          ? [
              {
                place: node.placeIn(file.path),
                found: `Its mode is ${octal(file.mode)}.`,
                write: [`chmod 0755 ${file.path}`],
              },
            ]
          : [],
      ),
  },
  {
    id: 'check-never-fails',
    severity: 'error',
    title: 'The check script always ends with status 0.',
    why: 'keepalived only looks at the status: weight, fall and rise never come into play. In no measured fault of nginx did the priority change.',
    instead: 'Let the script end with a status other than 0 when nginx does not answer.',
    write: ['exit 1    # nginx does not answer'],
    needs: NEEDS,
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, file }) =>
        neverFails(file.text)
          ? [
              {
                place: node.placeIn(file.path, shellLines(file.text).at(-1)?.line ?? 1),
                found: 'No way through it ends with a failure.',
              },
            ]
          : [],
      ),
  },
  {
    id: 'check-kills-keepalived',
    severity: 'error',
    title: 'The check script stops keepalived.',
    why: 'Nothing starts it again: systemd sees a clean stop (Result=success), and the node stays out of the pair in silence until the other one fails too.',
    instead: 'End with status 1 and let the priority move the VIPs; it comes back by itself when nginx answers again.',
    write: ['exit 1'],
    needs: NEEDS,
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, file }) => {
        const line = firstLine(shellLines(file.text), KILLS_KEEPALIVED);
        return line ? [{ place: node.placeIn(file.path, line.line), found: 'It stops keepalived.' }] : [];
      }),
  },
  {
    id: 'check-counts-processes',
    severity: 'error',
    title: 'The check looks at processes or at the port, and asks nginx nothing.',
    why: 'An nginx that hangs, listens on another port, is behind a firewall or answers only errors passes: the VIPs stay on it for ever, with every unit green.',
    instead: 'Ask nginx over HTTP and demand an answer in time.',
    write: ['curl -fsS -m 1 -o /dev/null http://127.0.0.1/ || exit 1'],
    needs: NEEDS,
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, file }) => {
        const lines = shellLines(file.text);
        const line = firstLine(lines, COUNTS_PROCESSES);
        return line && !firstLine(lines, ASKS_SERVER)
          ? [{ place: node.placeIn(file.path, line.line), found: 'What it counts is there when nginx hangs, too.' }]
          : [];
      }),
  },
  {
    id: 'check-fights-operator',
    severity: 'warning',
    title: 'The check starts a service again, whoever stopped it and why.',
    why: '`systemctl stop nginx` lasts five seconds at most. Planned work and drills are undone behind the operator’s back.',
    instead: 'Let the script leave nginx alone while a file says so, or while the unit is masked.',
    write: ['[ -e /run/check_nginx.pause ] && exit 1'],
    needs: NEEDS,
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, file }) => {
        const lines = shellLines(file.text);
        const line = firstLine(lines, STARTS_SERVICE);
        return line && !firstLine(lines, PAUSES)
          ? [{ place: node.placeIn(file.path, line.line), found: 'Nothing tells it to leave the service alone.' }]
          : [];
      }),
  },
  {
    id: 'check-timeout-too-short',
    severity: 'warning',
    title: 'keepalived kills the check before it can have finished.',
    why: 'Without a timeout the interval is the limit. A restart of nginx may need 5 s to stop alone; a killed script neither restarts nor logs.',
    instead: 'Give the vrrp_script a timeout above the longest run.',
    needs: NEEDS,
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, script, file }) => {
        const starts = firstLine(shellLines(file.text), STARTS_SERVICE) !== undefined;
        const longest = Math.ceil(sleeps(file.text) + (starts ? RESTART : 0));
        const limit = script.timeout ?? script.interval;
        return longest >= limit && longest > 0
          ? [
              {
                place: node.place(script.at.block?.find((one) => one.words[0] === 'timeout') ?? script.at),
                found: `It may run ${longest} s and is killed after ${limit} s${script.timeout === undefined ? ' (its interval)' : ''}.`,
                write: [`timeout ${longest + 3}`],
              },
            ]
          : [];
      }),
  },
  {
    id: 'check-restarts-without-limit',
    severity: 'warning',
    title: 'The check restarts a service as often as it likes.',
    why: 'A crash loop goes on for ever and looks like a service that works; the only trace is the script’s own log.',
    instead: 'Count the restarts and give up after a few in a short time.',
    needs: NEEDS,
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, file }) => {
        const lines = shellLines(file.text);
        const line = firstLine(lines, STARTS_SERVICE);
        return line && !firstLine(lines, LIMITS)
          ? [{ place: node.placeIn(file.path, line.line), found: 'Nothing counts or limits its restarts.' }]
          : [];
      }),
  },
  {
    id: 'check-log-grows',
    severity: 'warning',
    title: 'The log of the check is never shortened.',
    why: 'It grows until the disk of /etc is full; and a full disk stops other things than this log.',
    instead: 'Name it in /etc/logrotate.d, write by logger, or shorten it in the script.',
    write: ['logger -t check_nginx "restart nginx"'],
    needs: NEEDS,
    find: (scene) =>
      eachCheck(scene).flatMap(({ node, file }) =>
        SHORTENS.test(file.text)
          ? []
          : appendedLogs(file.text).flatMap(({ path, line }) => {
              const rotated = node.rotated.get(path);
              return rotated?.is === 'seen' && rotated.value
                ? []
                : [{ place: node.placeIn(file.path, line), found: `It appends to ${path} without end.` }];
            }),
      ),
  },
];

/** A mode as people write it. */
export const octal = (mode: number): string => `0${(mode & 0o7777).toString(8).padStart(3, '0')}`;
