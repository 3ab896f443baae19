import { findRights } from '../actions/rights.ts';
import { type Needs, rightsNeeded } from '../actions/sudoers.ts';
import type { Failure } from '../cluster/failure.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Remote } from '../ssh/remote.ts';
import type { Reach } from './reading.ts';
import { bad, type Line, ok, unknown } from './report.ts';

/** What is asked for together: each is one line. */
type Group = { check: string; commands: keyof Needs; loss: string; optional?: true };

const GROUPS: Record<'lb' | 'web', readonly Group[]> = {
  lb: [
    { check: 'right to act', commands: 'act', loss: 'keys and act cannot start, stop or restart services' },
    { check: 'right to take a VIP off', commands: 'remove', loss: 'a VIP that stayed behind cannot be taken off' },
    { check: 'right to restore', commands: 'restore', loss: 'no drills, no --restore-after' },
    { check: 'check log writable', commands: 'note', loss: 'notes cannot be written' },
    { check: 'keepalived.conf', commands: 'conf', loss: 'priority and advert interval are not known' },
    { check: 'keepalived dump', commands: 'dump', loss: 'VRRP state is told from the addresses alone', optional: true },
  ],
  web: [
    { check: 'right to act', commands: 'act', loss: 'keys and act cannot start, stop or restart the web server' },
    { check: 'right to restore', commands: 'restore', loss: 'no drills, no --restore-after' },
  ],
};

const isSilent = ({ step }: Failure): boolean => step === 'timeout' || step === 'lost' || step === 'channel';

/**
 * What the account may do as root on a node, asked of sudo (`-n -l`), with nothing run: one line for each group of commands.
 * `done` names checks that were settled without asking. Never rejects.
 */
export const rightsLines = async (
  remote: Remote,
  options: { config: ClusterConfig; role: 'lb' | 'web'; reach: Reach; done: ReadonlySet<string>; signal: AbortSignal },
): Promise<Line[]> => {
  const { config, role, reach, done, signal } = options;
  if (reach.isRoot) return [ok('root', 'logs in as root')];
  const needs = rightsNeeded(config, role);
  const groups = GROUPS[role].filter(({ check }) => !done.has(check));
  const lines: Line[] = [];
  // One group after the other: sudo may ask a directory server, and one answer often tells all.
  for (const { check, commands, loss, optional } of groups) {
    const began = performance.now();
    const rights = await findRights(remote, needs[commands], { sudo: config.ssh.sudo, signal });
    const ms = performance.now() - began;
    if (rights.ok) lines.push(ok(check, `${reach.user} may, by sudo without a password`, ms));
    else if (isSilent(rights.failure))
      lines.push(unknown(check, rights.failure.found, 'try sudo -n -l on the node', ms));
    else {
      const { advice } = rights.failure;
      // Who arms a timer stands there as a row of signs.
      const found = rights.failure.found.replace(/=x{9,}/, '=…');
      const what = optional ? unknown : bad;
      lines.push(what(check, `${found}: ${loss}`, shortAdvice(advice, optional), ms));
    }
  }
  return lines;
};

/** A sudoers line with every command in it is no line to read: `act --sudoers` prints the whole file. */
const shortAdvice = (advice: string | undefined, optional: true | undefined): string => {
  const whole = '`haconsole act --sudoers` prints a sudoers file for this';
  if (optional) return 'no narrow sudoers line can be written for it';
  if (advice === undefined) return whole;
  return /sudoers allows it/.test(advice) ? whole : advice;
};
