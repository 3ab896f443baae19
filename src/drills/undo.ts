import type { Deed, PlannedStep } from '../cluster/drill.ts';
import type { ServiceName } from '../cluster/topology.ts';
import { asideOf, type DeedContext, isCrash, newOf } from './deed.ts';

/** Something a drill has done to a node and has yet to take back. */
export type Owed =
  | { node: string; what: 'stopped' | 'frozen'; service: ServiceName }
  | { node: string; what: 'moved'; file: 'nginx' | 'keepalived' };

const same = (a: Owed, b: Owed): boolean =>
  a.node === b.node &&
  a.what === b.what &&
  (a.what === 'moved' ? a.file === (b as typeof a).file : a.service === (b as typeof a).service);

const add = (owed: Owed[], one: Owed): Owed[] => (owed.some((other) => same(other, one)) ? owed : [...owed, one]);
const drop = (owed: Owed[], one: Owed): Owed[] => owed.filter((other) => !same(other, one));

/** What is owed once a deed was done (or begun: what may have been done is owed too) on a node. */
export const owedAfter = (owed: Owed[], node: string, deed: Deed): Owed[] => {
  const stopped = (service: ServiceName): Owed => ({ node, what: 'stopped', service });
  const moved = (file: 'nginx' | 'keepalived'): Owed => ({ node, what: 'moved', file });
  switch (deed.kind) {
    case 'service': {
      const frozen: Owed = { node, what: 'frozen', service: deed.service };
      if (isCrash(deed)) return add(add(owed, frozen), stopped(deed.service));
      if (deed.verb === 'stop' || deed.verb === 'kill') return add(owed, stopped(deed.service));
      if (deed.verb === 'freeze') return add(owed, frozen);
      if (deed.verb === 'thaw') return drop(owed, frozen);
      // A restart may fail to start again, a start may fail: what was owed before is owed still until the end state is seen.
      return deed.verb === 'restart' ? add(owed, stopped(deed.service)) : owed;
    }
    case 'out-of-service':
      return add(add(owed, stopped('keepalived')), stopped('nginx'));
    case 'set-aside':
      return add(owed, moved('nginx'));
    case 'put-back':
      return drop(owed, moved('nginx'));
    case 'lower-priority':
      return add(owed, moved('keepalived'));
    case 'restore-priority':
      return drop(owed, moved('keepalived'));
    default:
      return owed;
  }
};

const PLAIN = /^[A-Za-z0-9@_.:/-]+$/;

const plain = (word: string): string => {
  if (!PLAIN.test(word)) throw new Error(`"${word}" cannot stand in a restore command`);
  return word;
};

const returns = (file: string): string =>
  `test ! -e ${plain(asideOf(file))} || mv -f -- ${plain(asideOf(file))} ${plain(file)}`;

/**
 * The command that the restore timer of one node runs when nobody is there any more: it takes back everything the drill may do
 * there, whichever part of it was done. Where only services are stopped it is `systemctl start UNITS`, as for actions; else one
 * `/bin/sh -c` whose text is made of fixed words, unit names and paths only, each part run whatever became of the one before, and
 * whose last part is that same `systemctl start UNITS`. `running`: the units that ran, nginx before keepalived.
 */
export const undoCommand = (deeds: readonly Deed[], context: DeedContext, running: readonly string[]): string[] => {
  const start = ['systemctl', 'start', ...running.map(plain)];
  const frozen = deeds.flatMap((deed) =>
    deed.kind === 'service' && (deed.verb === 'freeze' || isCrash(deed)) ? [context.units[deed.service]] : [],
  );
  const kinds = new Set(deeds.map((deed) => deed.kind));
  const killed = deeds.some((deed) => deed.kind === 'service' && deed.verb === 'kill');
  const parts = [
    ...[...new Set(frozen)].flatMap((unit) => (unit === undefined ? [] : [`systemctl kill -s CONT ${plain(unit)}`])),
    ...(kinds.has('set-aside') ? [returns(context.files.nginx)] : []),
    ...(kinds.has('lower-priority')
      ? [
          `rm -f -- ${plain(newOf(context.files.keepalived))}`,
          returns(context.files.keepalived),
          `systemctl reload ${plain(context.units.keepalived)}`,
        ]
      : []),
    // A unit that was started in vain too often refuses every start until that is forgotten.
    ...(killed || kinds.has('set-aside') ? [`systemctl reset-failed ${running.map(plain).join(' ')}`] : []),
  ];
  return parts.length === 0 ? start : ['/bin/sh', '-c', [...parts, start.join(' ')].join('; ')];
};

/** The deeds that a plan may do on a node. */
export const deedsOn = (steps: readonly PlannedStep[], node: string): Deed[] =>
  steps.flatMap((step) => (step.kind === 'act' && step.node === node ? [step.deed] : []));
