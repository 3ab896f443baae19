import type { Machine } from '../machine.ts';
import type { Transient } from '../transient.ts';
import type { Unit } from '../unit.ts';
import { systemdText } from './date.ts';
import { spanText } from './timespan.ts';

/** Values of one unit by property; undefined stands for a list that is empty, which systemctl leaves out. */
type Values = Record<string, string | undefined>;

/** systemd 252's own order, of timers and of services: what is asked for comes out in this order. */
const ORDER = [
  ...['Unit', 'NextElapseUSecMonotonic', 'LastTriggerUSec', 'LastTriggerUSecMonotonic', 'Type', 'Restart', 'MainPID'],
  ...['ControlPID', 'StatusText', 'Result', 'AccuracyUSec', 'RemainAfterElapse', 'NRestarts'],
  ...['ExecMainStartTimestamp', 'ExecMainStartTimestampMonotonic', 'ExecMainExitTimestamp'],
  ...['ExecMainExitTimestampMonotonic', 'ExecMainPID', 'ExecMainCode', 'ExecMainStatus', 'ExecStart'],
  ...['Id', 'Names', 'Triggers', 'TriggeredBy', 'Description', 'LoadState', 'ActiveState', 'SubState'],
  ...['FragmentPath', 'UnitFileState', 'StateChangeTimestamp', 'StateChangeTimestampMonotonic'],
  ...['InactiveExitTimestamp', 'InactiveExitTimestampMonotonic', 'ActiveEnterTimestamp'],
  ...['ActiveEnterTimestampMonotonic', 'ActiveExitTimestamp', 'ActiveExitTimestampMonotonic'],
  ...['InactiveEnterTimestamp', 'InactiveEnterTimestampMonotonic', 'CanStart', 'CanStop', 'CanReload'],
  ...['RefuseManualStop', 'LoadError', 'Transient'],
];

const monotonic = (wall: number, machine: Machine): number =>
  wall === 0 ? 0 : Math.max(0, Math.round((wall - machine.boot()) * 1000));

const stamps = (machine: Machine, times: Record<string, number>): Values =>
  Object.fromEntries(
    Object.entries(times).flatMap(([name, wall]) => [
      [`${name}Timestamp`, systemdText(wall)],
      [`${name}TimestampMonotonic`, String(monotonic(wall, machine))],
    ]),
  );

const yes = (value: boolean): string => (value ? 'yes' : 'no');

const TRANSIENT: Values = {
  CanStart: 'yes',
  CanStop: 'yes',
  CanReload: 'no',
  RefuseManualStop: 'no',
  LoadError: '',
  Transient: 'yes',
};

const NEVER = { StateChange: 0, InactiveExit: 0, ActiveEnter: 0, ActiveExit: 0, InactiveEnter: 0 };

const daemonValues = (unit: Unit, machine: Machine): Values => ({
  Type: unit.name === 'keepalived' ? 'notify' : 'forking',
  Restart: unit.name === 'apache2' ? 'on-abort' : 'no',
  MainPID: String(unit.mainPid),
  ControlPID: '0',
  StatusText: '',
  Result: unit.result,
  NRestarts: String(unit.restarts),
  ...stamps(machine, { ExecMainStart: unit.exec.started, ExecMainExit: unit.exec.exited }),
  ExecMainPID: String(unit.exec.pid),
  ExecMainCode: String(unit.exec.code),
  ExecMainStatus: String(unit.exec.status),
  Id: unit.id,
  Names: unit.id,
  Triggers: '',
  TriggeredBy: '',
  Description: unit.load === 'masked' ? unit.id : unit.daemon.description,
  LoadState: unit.load,
  ActiveState: unit.active,
  SubState: unit.sub,
  FragmentPath: `${unit.load === 'masked' ? '/etc' : '/lib'}/systemd/system/${unit.id}`,
  UnitFileState: unit.file,
  ...stamps(machine, {
    StateChange: unit.times.stateChange,
    InactiveExit: unit.times.inactiveExit,
    ActiveEnter: unit.times.activeEnter,
    ActiveExit: unit.times.activeExit,
    InactiveEnter: unit.times.inactiveEnter,
  }),
  CanStart: yes(unit.load !== 'masked'),
  CanStop: yes(!unit.refusesStop),
  CanReload: yes(unit.load !== 'masked'),
  RefuseManualStop: yes(unit.refusesStop),
  LoadError: unit.load === 'masked' ? `org.freedesktop.systemd1.UnitMasked "Unit ${unit.id} is masked."` : '',
  Transient: 'no',
});

const timerValues = ({ spec, timer }: Transient, machine: Machine): Values => ({
  Unit: `${spec.name}.service`,
  NextElapseUSecMonotonic: timer.nextElapse() === 0 ? 'infinity' : spanText(monotonic(timer.nextElapse(), machine)),
  LastTriggerUSec: systemdText(timer.lastTrigger()),
  LastTriggerUSecMonotonic: spanText(monotonic(timer.lastTrigger(), machine)),
  Result: timer.result,
  AccuracyUSec: spanText(spec.accuracy * 1000),
  RemainAfterElapse: 'no',
  Id: timer.id,
  Names: timer.id,
  Triggers: `${spec.name}.service`,
  TriggeredBy: '',
  Description: spec.description,
  LoadState: 'loaded',
  ActiveState: timer.active,
  SubState: timer.sub,
  FragmentPath: `/run/systemd/transient/${timer.id}`,
  UnitFileState: 'transient',
  ...stamps(machine, { ...NEVER, StateChange: timer.stateChange, InactiveExit: timer.since, ActiveEnter: timer.since }),
  ...TRANSIENT,
});

const serviceValues = ({ spec, service, timer }: Transient, machine: Machine): Values => {
  const { pid, started, exited, code, status } = service.exec;
  const ran = `start_time=[${systemdText(started) || 'n/a'}] ; stop_time=[${systemdText(exited) || 'n/a'}] ; pid=${pid} ; code=${code === 0 ? '(null)' : code === 1 ? 'exited' : 'killed'} ; status=${code === 0 ? '0/0' : status}`;
  return {
    Type: 'simple',
    Restart: 'no',
    MainPID: String(service.active === 'active' ? pid : 0),
    ControlPID: '0',
    StatusText: '',
    Result: service.result,
    NRestarts: '0',
    ...stamps(machine, { ExecMainStart: started, ExecMainExit: exited }),
    ExecMainPID: String(pid),
    ExecMainCode: String(code),
    ExecMainStatus: String(status),
    ExecStart: `{ path=${spec.command[0]} ; argv[]=${spec.command.join(' ')} ; ignore_errors=no ; ${ran} }`,
    Id: service.id,
    Names: service.id,
    Triggers: '',
    TriggeredBy: timer.loaded() ? timer.id : '',
    Description: spec.description,
    LoadState: 'loaded',
    ActiveState: service.active,
    SubState: service.sub,
    FragmentPath: `/run/systemd/transient/${service.id}`,
    UnitFileState: 'transient',
    ...stamps(machine, {
      StateChange: service.stateChange,
      InactiveExit: started,
      ActiveEnter: started,
      ActiveExit: exited,
      InactiveEnter: exited,
    }),
    ...TRANSIENT,
  };
};

/** A unit that systemd does not know: these are the values it still prints. */
const missingValues = (id: string, machine: Machine): Values => {
  const common = {
    Result: 'success',
    Id: id,
    Names: id,
    Triggers: '',
    TriggeredBy: '',
    Description: id,
    LoadState: 'not-found',
    ActiveState: 'inactive',
    SubState: 'dead',
    FragmentPath: '',
    UnitFileState: '',
    ...stamps(machine, NEVER),
    CanStart: 'no',
    CanStop: 'yes',
    CanReload: 'no',
    RefuseManualStop: 'no',
    LoadError: `org.freedesktop.systemd1.NoSuchUnit "Unit ${id} not found."`,
    Transient: 'no',
  };
  if (id.endsWith('.timer')) {
    return {
      Unit: '',
      NextElapseUSecMonotonic: 'infinity',
      LastTriggerUSec: '',
      LastTriggerUSecMonotonic: '0',
      AccuracyUSec: '1min',
      RemainAfterElapse: 'yes',
      ...common,
    };
  }
  return {
    Type: '',
    Restart: 'no',
    MainPID: '0',
    ControlPID: '0',
    StatusText: '',
    NRestarts: '0',
    ...stamps(machine, { ExecMainStart: 0, ExecMainExit: 0 }),
    ExecMainPID: '0',
    ExecMainCode: '0',
    ExecMainStatus: '0',
    ...common,
  };
};

const valuesOf = (machine: Machine, id: string): Values => {
  const unit = id.endsWith('.service') ? machine.unit(id) : undefined;
  if (unit) return daemonValues(unit, machine);
  const made = machine.transient(id.replace(/\.\w+$/, ''));
  if (made && id === made.timer.id && made.timer.loaded()) return timerValues(made, machine);
  if (made && id === made.service.id) return serviceValues(made, machine);
  return missingValues(id, machine);
};

/**
 * One block of `systemctl show`: the wanted properties, unknown ones silently absent. Without a wish all that have a value.
 */
export const showBlock = (machine: Machine, name: string, wanted: ReadonlySet<string> | undefined): string => {
  const values = valuesOf(machine, /\.[a-z]+$/.test(name) ? name : `${name}.service`);
  return ORDER.filter(
    (property) => (wanted ? wanted.has(property) : values[property]) && values[property] !== undefined,
  )
    .map((property) => `${property}=${values[property]}\n`)
    .join('');
};
