import {
  clockOff,
  clockRight,
  closeLan,
  hideTool,
  loginShell,
  noShell,
  openLan,
  showTools,
  sshdDefault,
  sshdOption,
  sudoFree,
  sudoRule,
} from './faults/access.ts';
import {
  breakKeepalived,
  breakNginx,
  mendKeepalived,
  mendNginx,
  restoreCheckLog,
  spoilCheckLog,
} from './faults/config.ts';
import { cutPower, freezeNode, restorePower, shutDown, thawNode } from './faults/power.ts';
import { freeze, kill9, killSshd, mask, start, stop, thaw, unmask } from './faults/service.ts';
import { mendWeb, squat, unsquat, webPage, webStatus } from './faults/web.ts';
import { cut, dropVrrp, mend, passVrrp, silentCut, silentMend, slow, unslow } from './faults/wire.ts';
import { LabError } from './plan.ts';

/**
 * One switch of the lab. `apply` and `heal` resolve with what was seen afterwards, in words; they reject with a
 * `LabError` when the effect did not come. Both may be repeated.
 */
export type Fault = {
  /** Arguments, as the command line takes them. */
  usage: string;
  what: string;
  apply: (...args: string[]) => Promise<string>;
  heal: (...args: string[]) => Promise<string>;
};

const fault = (usage: string, what: string, apply: Fault['apply'], heal: Fault['heal']): Fault => ({
  usage,
  what,
  apply,
  heal,
});

/** Every fault by its name on the command line: `lab fault NAME ARGS`, `lab heal NAME ARGS`. */
export const FAULTS = {
  stop: fault('SERVICE NODE', 'systemctl stop', stop, start),
  mask: fault('SERVICE NODE', 'systemctl mask --now: nothing can start it', mask, unmask),
  kill9: fault('SERVICE NODE [all|main|child]', 'kill -9 of its processes', kill9, (unit, node) => start(unit, node)),
  freeze: fault('SERVICE NODE', 'SIGSTOP: it hangs, its unit stays green', freeze, thaw),
  'break-nginx': fault('LB', 'a mistake in nginx.conf, seen by nginx -t only', breakNginx, mendNginx),
  'break-keepalived': fault('LB', 'reload of a broken file: it dies, its VIPs stay', breakKeepalived, mendKeepalived),
  'stale-vip': fault('LB', 'kill -9 of all of keepalived: its VIPs stay', staleVip, (node) =>
    start('keepalived', node),
  ),
  'power-off': fault('NODE', 'the plug is pulled', cutPower, restorePower),
  shutdown: fault('NODE', 'an orderly shutdown', shutDown, restorePower),
  'freeze-node': fault('NODE', 'every process stands still, the kernel answers', freezeNode, thawNode),
  'kill-sshd': fault('NODE', 'its SSH server and all its sessions end', killSshd, (node) => start('ssh', node)),
  cut: fault('NODE [lan|ops]', 'its cable is pulled: no carrier', cut, mend),
  'silent-cut': fault('NODE [lan|ops]', 'the switch swallows its frames: carrier stays', silentCut, silentMend),
  'drop-vrrp': fault('[FROM]', 'only VRRP is dropped between the load balancers', dropVrrp, passVrrp),
  slow: fault('NODE 80ms|64kbit [lan|ops]', 'a slow wire, both ways', slow, (node, ...rest) =>
    unslow(node, netIn(rest)),
  ),
  'web-status': fault('WEB 404|500|…', 'every page is this error', webStatus, (node) => mendWeb(node)),
  'web-page': fault('WEB TEXT', 'another page, status 200', webPage, (node) => mendWeb(node)),
  squat: fault('WEB [VIP]', 'a foreign host takes a VIP', squat, unsquat),
  'hide-tool': fault('NODE PROGRAM', 'a program is not found by its name', hideTool, (node) => showTools(node)),
  'clock-off': fault('NODE', 'its date is an hour ahead', clockOff, clockRight),
  'no-shell': fault('NODE', 'the login shell of ops is nologin', noShell, loginShell),
  sshd: fault('NODE OPTION VALUE', 'an option of its SSH server (MaxSessions 1)', sshdOption, (node) =>
    sshdDefault(node),
  ),
  sudo: fault('NODE none|password|no-journal', 'another sudoers rule for ops', sudoRule, (node) => sudoFree(node)),
  'open-lan': fault('', 'the jump host routes: the LAN is reached directly too', openLan, closeLan),
  'check-log': fault('LB readonly|full', 'the check log takes no line', spoilCheckLog, (node) => restoreCheckLog(node)),
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

async function staleVip(node: string): Promise<string> {
  return kill9('keepalived', node, 'all');
}

const netIn = (args: string[]): string | undefined => args.find((arg) => arg === 'lan' || arg === 'ops');

/** Looks a fault up and counts its arguments, so that a typing mistake is a sentence and not a stack. */
export function faultNamed(name: string, args: readonly string[], healing = false): Fault {
  const found: Fault | undefined = Object.hasOwn(FAULTS, name) ? FAULTS[name as FaultName] : undefined;
  if (!found) throw new LabError(`no fault called "${name}"; there are ${Object.keys(FAULTS).join(', ')}`);
  const words = found.usage === '' ? [] : found.usage.split(' ');
  const needed = words.filter((word) => !word.startsWith('[')).length;
  const least = healing
    ? Math.min(needed, words.filter((word) => /^(SERVICE|NODE|LB|WEB)$/.test(word)).length)
    : needed;
  if (args.length < least || args.length > words.length)
    throw new LabError(`usage: lab ${healing ? 'heal' : 'fault'} ${name} ${found.usage}`);
  return found;
}
