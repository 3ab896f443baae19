import type { Refusal } from '../cluster/action.ts';
import type { Failure } from '../cluster/failure.ts';
import { readBy } from '../cluster/restore-by.ts';
import type { NodeView } from '../cluster/state.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { Remote } from '../ssh/remote.ts';
import { ask } from './ask.ts';
import { type CommandContext, RESTORE_UNIT } from './catalog.ts';

/** Shortest and longest time that may be asked for, seconds. */
export const RESTORE_LIMITS = { least: 5, most: 7 * 86_400 };

const TIMER = `${RESTORE_UNIT}.timer`;
const SERVICE = `${RESTORE_UNIT}.service`;

/** systemd-run has --on-active and --timer-property since this version. */
const OLDEST = 218;

/** What a restore timer runs where services are only stopped. */
export const startCommand = (units: readonly string[]): string[] => ['systemctl', 'start', ...units];

/** Arms the timer: after `seconds` the node itself runs `undo`, whatever became of us. A minute late without AccuracySec. */
export const armCommand = (seconds: number, by: string, undo: readonly string[]): string[] => [
  'systemd-run',
  `--unit=${RESTORE_UNIT}`,
  `--on-active=${seconds}`,
  '--timer-property=AccuracySec=100ms',
  `--description=${by}`,
  '--',
  ...undo,
];

/** Cancels the timer. Status 5: none was armed. */
export const disarmCommand = (): string[] => ['systemctl', 'stop', TIMER];

/**
 * Starts the timer's time anew, from its full length, with no moment in which none is armed: systemd does both halves of a
 * restart itself and keeps the transient unit meanwhile. Without the first command the fifth restart within 10 s would hit systemd's
 * start limit, and the timer would be dead (measured, systemd 252). Both fail when it has fired or was cancelled.
 */
export const extendCommands = (): string[][] => [
  ['systemctl', 'reset-failed', TIMER],
  ['systemctl', 'restart', TIMER],
];

/** What takes away what a restore that failed leaves behind; while it is there none can be armed. */
export const clearCommands = (): string[][] => [
  ['systemctl', 'reset-failed', SERVICE],
  ['systemctl', 'reset-failed', TIMER],
];

/** The units of a node that run, as last seen, nginx before keepalived: what a restore has to start. */
export const runningUnits = (node: NodeView, { units }: CommandContext): string[] =>
  (['nginx', 'keepalived', 'web'] as const).flatMap((service) => {
    const active = node.services[service]?.unit.value?.active ?? '';
    const unit = units[service];
    return unit !== undefined && ['active', 'reloading', 'activating'].includes(active) ? [unit] : [];
  });

/** What has to be run before a timer can be armed (what an earlier one left), or why none can be. */
export type Armable =
  | { ok: true; before: string[][] }
  | { ok: false; refusal: Refusal }
  | { ok: false; failure: Failure };

const no = (reason: Refusal['reason'], text: string): Armable => ({ ok: false, refusal: { reason, text } });

/** Finds out whether a restore timer can be armed on a node. Changes nothing there; `timeout` in ms. */
export const canArm = async (remote: Remote, options: { signal: AbortSignal; timeout: number }): Promise<Armable> => {
  const [version, shown] = await Promise.all([
    ask(remote, ['systemd-run', '--version'], options),
    ask(remote, ['systemctl', 'show', '-p', 'Id,ActiveState,SubState,Description', TIMER, SERVICE], options),
  ]);
  if (!version.ok) return version;
  if (!shown.ok) return shown;
  const number = Number(/^systemd (\d+)/.exec(version.value.stdout)?.[1] ?? Number.NaN);
  if (version.value.code !== 0 || Number.isNaN(number))
    return no('no-timer', `${remote.name} has no systemd-run: it cannot restore itself`);
  if (number < OLDEST)
    return no('no-timer', `systemd ${number} on ${remote.name} is too old for a restore timer (${OLDEST} or later)`);
  return armableOf(shown.value.stdout, remote.name);
};

/** Whether what `systemctl show` tells of the two units leaves room for a new timer. */
export const armableOf = (text: string, node: string): Armable => {
  const of = (id: string, key: string): string => {
    const block = text.split(/\n\s*\n/).find((one) => one.split('\n').includes(`Id=${id}`)) ?? '';
    return new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? '';
  };
  const timer = of(TIMER, 'ActiveState');
  if (!['active', 'inactive', 'failed'].includes(timer))
    return no('no-timer', `whether a restore timer is armed on ${node} cannot be read`);
  const by = readBy(visibleText(of(TIMER, 'Description'), 80));
  if (timer === 'active' && of(TIMER, 'SubState') !== 'elapsed')
    return no('disabled', `a restore timer is armed on ${node} already (${by}): cancel it first`);
  const service = of(SERVICE, 'ActiveState');
  if (service === 'active' || service === 'activating')
    return no('disabled', `the last restore of ${node} is still under way`);
  return {
    ok: true,
    before: [
      ...(timer === 'inactive' ? [] : [timer === 'active' ? disarmCommand() : ['systemctl', 'reset-failed', TIMER]]),
      ...(service === 'failed' ? [['systemctl', 'reset-failed', SERVICE]] : []),
    ],
  };
};
