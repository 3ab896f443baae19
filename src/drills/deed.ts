import type { Deed, DeedVerb } from '../cluster/drill.ts';
import type { ServiceName } from '../cluster/topology.ts';
import type { Act } from './drill.ts';
import { withPriority } from './priority.ts';

/** What the commands on one node need: unit names, file paths, and what the lowered keepalived.conf is made from. */
export type DeedContext = {
  units: { nginx: string; keepalived: string; web?: string };
  files: { nginx: string; keepalived: string };
  /** The text of keepalived.conf and the priority to go down to; only where the drill lowers it. Holds a password: never recorded. */
  lowered?: { text: string; priority: number };
};

/** One command: its words without sudo, and what it reads. The words are shown and recorded, `input` never. */
export type DrillCommand = { words: string[]; input?: string };

/** Where the files lie on the distributions haconsole knows. */
export const FILES = { nginx: '/etc/nginx/nginx.conf', keepalived: '/etc/keepalived/keepalived.conf' } as const;

/** The name under which a file waits for its return. Ends in no suffix that an include pattern takes. */
export const asideOf = (file: string): string => `${file}.haconsole-aside`;
/** The name under which a changed file is written before it takes its place. */
export const newOf = (file: string): string => `${file}.haconsole-new`;

/** The name under which is kept what somebody else wrote in a file's place during a drill. */
export const replacedOf = (file: string): string => `${file}.haconsole-replaced`;

/** Keeps what somebody else wrote there; the copy takes owner and mode along. */
export const keepCommand = (file: string): string[] => ['cp', '-p', '--', file, replacedOf(file)];

const SPECIAL: Record<string, Deed['kind']> = {
  'set-aside-nginx-conf': 'set-aside',
  'put-back-nginx-conf': 'put-back',
};

/** The deed that an act names. */
export const deedOf = (act: Act): Deed => {
  const [verb, service] = act.split(' ') as [DeedVerb, ServiceName | undefined];
  if (service !== undefined) return { kind: 'service', verb, service };
  return { kind: SPECIAL[act] ?? act } as Deed;
};

const label = (service: ServiceName): string => (service === 'web' ? 'the web server' : service);
const DOING: Record<DeedVerb, (service: string) => string> = {
  start: (service) => `start ${service}`,
  stop: (service) => `stop ${service}`,
  restart: (service) => `restart ${service}`,
  reload: (service) => `reload ${service}`,
  kill: (service) => `kill all processes of ${service} at once (SIGKILL)`,
  freeze: (service) => `freeze ${service} (SIGSTOP)`,
  thaw: (service) => `let ${service} run on (SIGCONT)`,
};

/** A deed in words, without the node: `stop keepalived, then nginx`. */
export const deedText = (deed: Deed): string => {
  switch (deed.kind) {
    case 'service':
      return DOING[deed.verb](label(deed.service));
    case 'out-of-service':
      return 'stop keepalived, then nginx';
    case 'back-in-service':
      return 'start nginx, then keepalived';
    case 'set-aside':
      return 'set nginx.conf aside';
    case 'put-back':
      return 'put nginx.conf back';
    case 'lower-priority':
      return 'lower the VRRP priority below the backup’s and reload keepalived';
    case 'restore-priority':
      return 'put keepalived.conf back and reload keepalived';
  }
};

/** Which services a deed touches. */
export const servicesTouched = (deed: Deed): ServiceName[] => {
  switch (deed.kind) {
    case 'service':
      return [deed.service];
    case 'out-of-service':
    case 'back-in-service':
      return ['keepalived', 'nginx'];
    case 'set-aside':
    case 'put-back':
      return ['nginx'];
    default:
      return ['keepalived'];
  }
};

const SIGNALS = { kill: 'KILL', freeze: 'STOP', thaw: 'CONT' } as const;

const serviceCommand = (verb: DeedVerb, unit: string): DrillCommand => ({
  words:
    verb === 'kill' || verb === 'freeze' || verb === 'thaw'
      ? ['systemctl', 'kill', '-s', SIGNALS[verb], unit]
      : ['systemctl', verb, unit],
});

/** The way back of a file: idempotent only together with the look that it is aside. */
const back = (file: string): DrillCommand => ({ words: ['mv', '-f', '--', asideOf(file), file] });

const lower = (file: string, unit: string, lowered: NonNullable<DeedContext['lowered']>): DrillCommand[] => {
  const changed = withPriority(lowered.text, lowered.priority);
  if (changed === undefined) throw new Error('keepalived.conf sets no priority');
  return [
    // The copy takes owner and mode along, so that the password in it is not seen by others.
    { words: ['cp', '-p', '--', file, newOf(file)] },
    { words: ['tee', '--', newOf(file)], input: changed },
    // A hard link keeps the file itself, and fails where an earlier drill has left one.
    { words: ['ln', '--', file, asideOf(file)] },
    { words: ['mv', '-f', '--', newOf(file), file] },
    serviceCommand('reload', unit),
  ];
};

/** A kill of keepalived, which stops it first. */
export const isCrash = (deed: Deed): boolean =>
  deed.kind === 'service' && deed.verb === 'kill' && deed.service === 'keepalived';

/** The commands of a deed on one node, in order. Empty where the unit is not known. Throws when a file cannot be changed as asked. */
export const commandsOf = (deed: Deed, { units, files, lowered }: DeedContext): DrillCommand[] => {
  switch (deed.kind) {
    case 'service': {
      const unit = units[deed.service];
      if (unit === undefined) return [];
      // keepalived's parent and child do not die in the same instant: the one that sees the other die would still say goodbye
      // and take the VIPs along. One that stands still does not (measured, 2.2.7).
      const still = isCrash(deed) ? [serviceCommand('freeze', unit)] : [];
      return [...still, serviceCommand(deed.verb, unit)];
    }
    case 'out-of-service':
      return [serviceCommand('stop', units.keepalived), serviceCommand('stop', units.nginx)];
    case 'back-in-service':
      return [serviceCommand('start', units.nginx), serviceCommand('start', units.keepalived)];
    case 'set-aside':
      return [{ words: ['mv', '-n', '--', files.nginx, asideOf(files.nginx)] }];
    case 'put-back':
      return [back(files.nginx)];
    case 'lower-priority':
      return lowered ? lower(files.keepalived, units.keepalived, lowered) : [];
    case 'restore-priority':
      return [
        { words: ['rm', '-f', '--', newOf(files.keepalived)] },
        back(files.keepalived),
        serviceCommand('reload', units.keepalived),
      ];
  }
};

/** The deed that takes another one back by a command of its own; a stop is taken back by a start of what ran. */
export const wayBackOf = (deed: Deed): Deed | undefined => {
  if (deed.kind === 'set-aside') return { kind: 'put-back' };
  if (deed.kind === 'lower-priority') return { kind: 'restore-priority' };
  const freezes = isCrash(deed) || (deed.kind === 'service' && deed.verb === 'freeze');
  return freezes && deed.kind === 'service' ? { ...deed, verb: 'thaw' } : undefined;
};

/** Whether a path is there. */
export const isThere = (path: string): string[] => ['test', '-e', path];

/** The hashes of the files that a drill may touch. */
export const hashCommand = ({ files }: DeedContext): string[] => ['sha256sum', '--', files.nginx, files.keepalived];

/** The text of a file. */
export const readCommand = (file: string): string[] => ['cat', '--', file];

/** The commands, all of them only looking, by which deeds are prepared and seen. */
export const looksFor = (deeds: readonly Deed[], { files }: DeedContext): string[][] => {
  const moved = [
    ...(deeds.some((deed) => deed.kind === 'set-aside') ? [files.nginx] : []),
    ...(deeds.some((deed) => deed.kind === 'lower-priority') ? [files.keepalived] : []),
  ];
  return [
    ...moved.flatMap((file) => [file, asideOf(file), newOf(file)].map(isThere)),
    ...(moved.includes(files.keepalived) ? [readCommand(files.keepalived)] : []),
  ];
};
