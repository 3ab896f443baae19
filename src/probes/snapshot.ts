import type { Failure, Reading } from '../cluster/failure.ts';
import type { CheckLog, Process, ServiceReading, Snapshot, Unit } from '../cluster/readings.ts';
import type { ServiceName } from '../cluster/topology.ts';
import type { Reply, Section } from './agent/protocol.ts';
import { type AgentSpec, LOG_LINES, unitsOf, WEB_UNITS } from './agent/script.ts';
import { parseFileTail } from './parse/check-log.ts';
import { parseIpAddr } from './parse/ip-addr.ts';
import { asReading, type Parsed } from './parse/parsed.ts';
import { type NamedProcess, parsePs } from './parse/ps.ts';
import { parseRestoreTimer, RESTORE_UNITS } from './parse/restore-timer.ts';
import { parseSystemctlShow, type ShownUnit } from './parse/systemctl-show.ts';
import { plain } from './plain.ts';

/** Turns the agent's reply to `snap` into a snapshot. Each part stands for itself: one that cannot be read spoils no other. */
export const snapshotOf = (reply: Reply, spec: AgentSpec, hop: string): Snapshot => {
  const text = (key: string) => answered(reply, key, hop);
  const addresses = chain(text('ADDR'), ({ rc, text: out }) =>
    rc === 0
      ? asReading(parseIpAddr(out), hop)
      : refused('ip addr', rc, out, hop, 'haconsole needs iproute2 on the node'),
  );
  const shown = <T>(parse: (out: string, uptime?: number) => Parsed<T>): Reading<T> =>
    chain(text('UNITS'), ({ rc, text: out }) => {
      const read = asReading(parse(out, reply.uptime), hop);
      return read.ok || rc === 0 ? read : refused('systemctl show', rc, out, hop, 'services are read through systemd');
    });
  const units = chain(shown(parseSystemctlShow), (all) => ({ ok: true, value: all.filter(isService) }));
  const restore = shown(parseRestoreTimer);
  // procps ends with 1 where no process has one of the names: the text decides.
  const processes = chain(text('PS'), ({ rc, text: out }) => {
    const list = asReading(parsePs(out), hop);
    return list.ok || rc === 0 ? list : refused('ps', rc, out, hop, 'haconsole reads procps and busybox ps');
  });
  const services: Snapshot['services'] =
    spec.role === 'lb'
      ? {
          nginx: service('nginx', spec.services.nginx, units, processes, spec, hop),
          keepalived: service('keepalived', spec.services.keepalived, units, processes, spec, hop),
        }
      : { web: web(units, processes, spec, hop) };
  return {
    addresses,
    services,
    ...(spec.role === 'lb' ? { checkLog: checkLogOf(text('LOG'), spec, hop) } : {}),
    ...(reply.clock ? { clock: reply.clock } : {}),
    restore,
  };
};

/** What a tool printed (stdout and stderr merged) and its exit status. */
export type Answered = { rc: number; text: string };

/** The output of one tool call as text, or that it did not come in time. */
export const answered = (reply: Reply, key: string, hop: string): Reading<Answered> => {
  const section: Section | undefined = reply.sections.get(key);
  if (section?.rc !== undefined) return { ok: true, value: { rc: section.rc, text: section.lines.join('\n') } };
  const found = reply.complete ? `the agent’s answer lacks ${key}` : `${TOOLS[key] ?? key} did not answer in time`;
  return { ok: false, failure: { step: reply.complete ? 'parse' : 'timeout', hop, found, blame: 'target' } };
};

const TOOLS: Record<string, string> = {
  ADDR: 'ip addr',
  UNITS: 'systemctl',
  PS: 'ps',
  LOG: 'the check log',
  DUMP: 'keepalived’s dump',
};

/** The next step on a value that is there; a failure is passed on as it is. */
export const chain = <A, B>(reading: Reading<A>, next: (value: A) => Reading<B>): Reading<B> =>
  reading.ok ? next(reading.value) : reading;

/** A tool that said no: its own words, and what to try. */
export const refused = (tool: string, rc: number, said: string, hop: string, advice: string): Reading<never> => {
  const missing = rc === 127 || /not found/.test(said);
  const denied = /permission denied|not permitted|password is required|not allowed|not in the sudoers|access denied/i;
  const step: Failure['step'] = denied.test(said) ? 'permission' : 'command';
  const words = missing ? 'not found on the node' : plain(said, 160) || `ended with status ${rc}`;
  return { ok: false, failure: { step, hop, found: `${tool}: ${words}`, advice, blame: 'target' } };
};

const checkLogOf = (answer: Reading<Answered>, spec: AgentSpec, hop: string): Reading<CheckLog> =>
  chain(answer, ({ rc, text }) => {
    if (rc === 0) return asReading(parseFileTail(text, LOG_LINES), hop);
    const advice = rc === 13 ? 'let the user read it' : 'set checkLog in the cluster file, or create the file';
    return refused('check log', rc, text || `${spec.checkLog}: cannot be read`, hop, advice);
  });

/** Not the restore timer, which is asked for in the same breath. */
const isService = ({ names }: ShownUnit): boolean => !RESTORE_UNITS.some((id) => names.includes(id));

const named = (unit: string): string => (/\.[a-z]+$/.test(unit) ? unit : `${unit}.service`);

/** By its name or an alias; where systemd shows yet another name, by its place: blocks come in the order of the question. */
const findUnit = (shown: ShownUnit[], name: string, spec: AgentSpec): Unit | undefined => {
  const asked = unitsOf(spec);
  const byName = shown.find(({ names }) => names.includes(named(name)));
  return (byName ?? (shown.length === asked.length ? shown[asked.indexOf(name)] : undefined))?.unit;
};

const unitOf = (units: Reading<ShownUnit[]>, name: string, spec: AgentSpec, hop: string): Reading<Unit> =>
  chain(units, (shown) => {
    const unit = findUnit(shown, name, spec);
    if (unit) return { ok: true, value: unit };
    return { ok: false, failure: { step: 'parse', hop, found: `systemctl show left out ${name}`, blame: 'target' } };
  });

/** Our own question to keepalived's binary is no process of the service. */
const only = (list: NamedProcess[], names: string[]): Process[] =>
  list
    .filter(({ name, command }) => names.includes(name) && !command.includes(' --signum'))
    .map(({ name: _, ...process }) => process);

const service = (
  kind: ServiceName,
  name: string,
  units: Reading<ShownUnit[]>,
  processes: Reading<NamedProcess[]>,
  spec: AgentSpec,
  hop: string,
): ServiceReading => ({
  unit: unitOf(units, name, spec, hop),
  processes: chain(processes, (list) => ({ ok: true, value: only(list, [kind]) })),
});

/** Which of the units that `auto` looks for serves here: one that runs, else one that is installed. */
const chooseWeb = (shown: ShownUnit[]): Unit | undefined => {
  const known = WEB_UNITS.map((name) => shown.find(({ names }) => names.includes(named(name)))?.unit).filter(
    (unit) => unit !== undefined && unit.load !== 'not-found',
  );
  return known.find((unit) => unit?.active === 'active') ?? known[0];
};

const web = (
  units: Reading<ShownUnit[]>,
  processes: Reading<NamedProcess[]>,
  spec: AgentSpec,
  hop: string,
): ServiceReading => {
  const auto = spec.services.web === 'auto';
  const unit: Reading<Unit> = auto
    ? chain(units, (shown): Reading<Unit> => {
        const chosen = chooseWeb(shown);
        if (chosen) return { ok: true, value: chosen };
        const found = `none of ${WEB_UNITS.join(', ')} is installed`;
        return {
          ok: false,
          failure: { step: 'command', hop, found, advice: 'name the unit: services.web', blame: 'target' },
        };
      })
    : unitOf(units, spec.services.web, spec, hop);
  const id = unit.ok ? unit.value.id.replace(/\.service$/, '') : auto ? undefined : spec.services.web;
  return {
    unit,
    processes: chain(processes, (list): Reading<Process[]> => {
      const names = id === undefined ? WEB_UNITS : [id.slice(0, 15)];
      const mine = only(list, names);
      // A unit of another name than its program: "no process" would be a lie.
      if (mine.length > 0 || !unit.ok || unit.value.mainPid === 0 || WEB_UNITS.includes(id ?? ''))
        return { ok: true, value: mine };
      const found = `ps knows no process named ${names[0]}, but the unit’s main process is ${unit.value.mainPid}`;
      return { ok: false, failure: { step: 'parse', hop, found, blame: 'target' } };
    }),
  };
};
