import type { Machine } from '../machine.ts';
import type { Unit } from '../unit.ts';
import { systemdText } from './date.ts';

type Property = (unit: Unit, machine: Machine) => string;

const since = (wall: number, machine: Machine): string =>
  wall === 0 ? '0' : String(Math.max(0, Math.round((wall - machine.boot()) * 1000)));

const stamps = (name: string, at: (unit: Unit) => number): [string, Property][] => [
  [`${name}Timestamp`, (unit) => systemdText(at(unit))],
  [`${name}TimestampMonotonic`, (unit, machine) => since(at(unit), machine)],
];

/** Properties in systemd 252's own order (service first, then unit): what is asked for comes out in this order. */
const PROPERTIES: [string, Property][] = [
  ['Type', (unit) => (unit.name === 'keepalived' ? 'notify' : 'forking')],
  ['Restart', () => 'no'],
  ['MainPID', (unit) => String(unit.mainPid)],
  ['ControlPID', () => '0'],
  ['StatusText', () => ''],
  ['Result', (unit) => unit.result],
  ['NRestarts', (unit) => String(unit.restarts)],
  ...stamps('ExecMainStart', (unit) => unit.exec.started),
  ...stamps('ExecMainExit', (unit) => unit.exec.exited),
  ['ExecMainPID', (unit) => String(unit.exec.pid)],
  ['ExecMainCode', (unit) => String(unit.exec.code)],
  ['ExecMainStatus', (unit) => String(unit.exec.status)],
  ['Id', (unit) => unit.id],
  ['Names', (unit) => unit.id],
  ['Description', (unit) => unit.daemon.description],
  ['LoadState', (unit) => unit.load],
  ['ActiveState', (unit) => unit.active],
  ['SubState', (unit) => unit.sub],
  ['FragmentPath', (unit) => (unit.load === 'masked' ? '/dev/null' : `/lib/systemd/system/${unit.id}`)],
  ['UnitFileState', (unit) => unit.file],
  ...stamps('StateChange', (unit) => unit.times.stateChange),
  ...stamps('InactiveExit', (unit) => unit.times.inactiveExit),
  ...stamps('ActiveEnter', (unit) => unit.times.activeEnter),
  ...stamps('ActiveExit', (unit) => unit.times.activeExit),
  ...stamps('InactiveEnter', (unit) => unit.times.inactiveEnter),
];

/** A unit that systemd does not know: these are the values it still prints. */
const missing = (name: string, id: string): string | undefined => {
  const known: Record<string, string> = {
    Id: id,
    Names: id,
    Description: id,
    LoadState: 'not-found',
    ActiveState: 'inactive',
    SubState: 'dead',
    UnitFileState: '',
    Result: 'success',
    Restart: 'no',
    Type: 'simple',
    FragmentPath: '',
    StatusText: '',
  };
  if (name in known) return known[name];
  return name.endsWith('Timestamp') ? '' : '0';
};

/** One block of `systemctl show`: the wanted properties (all when undefined), unknown ones silently absent. */
export const showBlock = (machine: Machine, name: string, wanted: ReadonlySet<string> | undefined): string => {
  const unit = machine.unit(name);
  const id = /\.[a-z]+$/.test(name) ? name : `${name}.service`;
  return PROPERTIES.filter(([property]) => wanted?.has(property) ?? true)
    .map(([property, value]) => `${property}=${unit ? value(unit, machine) : missing(property, id)}\n`)
    .join('');
};
