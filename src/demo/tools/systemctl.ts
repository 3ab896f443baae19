import type { JobResult } from '../daemon.ts';
import type { Unit } from '../unit.ts';
import { systemdText } from './date.ts';
import { showBlock } from './systemctl-show.ts';
import { failed, printed, type Tool, type ToolContext, type ToolResult } from './tool.ts';

type Options = { flags: Set<string>; values: Map<string, string>; words: string[] };

const WITH_VALUE = new Set([
  '-p',
  '--property',
  '-s',
  '--signal',
  '--kill-whom',
  '--kill-who',
  '-n',
  '-t',
  '--job-mode',
]);

const parse = (args: readonly string[]): Options => {
  const options: Options = { flags: new Set(), values: new Map(), words: [] };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    const [name = '', value] = arg.startsWith('--') && arg !== '--' ? arg.split(/=(.*)/s) : [arg];
    if (arg === '--') options.words.push(...args.slice(index + 1).splice(0));
    if (arg === '--') break;
    if (!arg.startsWith('-')) options.words.push(arg);
    else if (WITH_VALUE.has(name)) {
      const found = value ?? args[++index] ?? '';
      const before = options.values.get(name);
      options.values.set(name, before === undefined ? found : `${before},${found}`);
    } else options.flags.add(name);
  }
  return options;
};

/** Runs one job after the other and adds up what they say, as `systemctl start a b` reports. */
const jobs = async (
  units: (Unit | string)[],
  run: (unit: Unit, done: (result: JobResult) => void) => void,
  verb: string,
): Promise<ToolResult> => {
  const results = await Promise.all(
    units.map(
      (unit) =>
        new Promise<JobResult & { missing?: boolean }>((resolve) => {
          if (typeof unit !== 'string') run(unit, resolve);
          else
            resolve({
              ok: false,
              missing: true,
              lines: [`Failed to ${verb} ${id(unit)}: Unit ${id(unit)} not found.`],
            });
        }),
    ),
  );
  const bad = results.filter((result) => !result.ok);
  return {
    stdout: '',
    stderr: bad.flatMap((result) => result.lines.map((line) => `${line}\n`)).join(''),
    code: bad.length === 0 ? 0 : bad.some((result) => result.missing) ? 5 : 1,
  };
};

const id = (name: string): string => (/\.[a-z]+$/.test(name) ? name : `${name}.service`);

const ACTIONS: Record<string, (unit: Unit, done: (result: JobResult) => void) => void> = {
  start: (unit, done) => unit.start(done),
  stop: (unit, done) => unit.stop(done),
  restart: (unit, done) => unit.restart(done),
  'try-restart': (unit, done) => (unit.active === 'active' ? unit.restart(done) : done({ ok: true, lines: [] })),
  reload: (unit, done) => unit.reload(done),
  'reload-or-restart': (unit, done) => (unit.active === 'active' ? unit.reload(done) : unit.start(done)),
};

const status = ({ machine }: ToolContext, names: string[]): ToolResult => {
  const texts = names.map((name) => {
    const unit = machine.unit(name);
    if (!unit) return { text: '', error: `Unit ${id(name)} could not be found.\n`, code: 4 };
    const dot = unit.active === 'active' ? '●' : unit.active === 'failed' ? '×' : '○';
    const since = systemdText(unit.times.stateChange);
    const main = unit.processes[0];
    const lines = [
      `${dot} ${unit.id} - ${unit.daemon.description}`,
      `     Loaded: ${unit.load} (/lib/systemd/system/${unit.id}; ${unit.file}; preset: enabled)`,
      `     Active: ${unit.active} (${unit.sub === 'failed' ? `Result: ${unit.result}` : unit.sub})${since ? ` since ${since}` : ''}`,
      ...(main ? [`   Main PID: ${main.pid} (${main.name})`] : []),
    ];
    return { text: `${lines.join('\n')}\n`, error: '', code: unit.active === 'active' ? 0 : 3 };
  });
  return {
    stdout: texts.map(({ text }) => text).join('\n'),
    stderr: texts.map(({ error }) => error).join(''),
    code: Math.max(0, ...texts.map(({ code }) => code)),
  };
};

/** What systemd notes when it is asked to send a signal. */
const noteSignal = ({ machine }: ToolContext, unit: Unit, signal: string): void => {
  for (const [index, { pid, name }] of unit.processes.entries()) {
    const text =
      index === 0
        ? `Sent signal SIG${signal} to main process ${pid} (${name}) on client request.`
        : `Sending signal SIG${signal} to process ${pid} (${name}) on client request.`;
    machine.journal.write(unit.id, 'systemd', 1, `${unit.id}: ${text}`);
  }
};

const kill = (context: ToolContext, unit: Unit, { values }: Options): void => {
  const signal = (values.get('-s') ?? values.get('--signal') ?? 'TERM').replace(/^SIG/, '');
  const whom = values.get('--kill-whom') ?? values.get('--kill-who') ?? 'all';
  noteSignal(context, unit, signal);
  if (signal === 'KILL' || signal === '9') unit.kill(whom === 'main' ? 'main' : 'all');
  else if (signal === 'STOP') unit.freeze(true);
  else if (signal === 'CONT') unit.freeze(false);
  else if (signal === 'TERM' || signal === 'QUIT') unit.stop();
  else if (signal === 'HUP') unit.reload();
};

/** systemctl(1) of systemd 252 for the machine's units: the readers and the verbs that act. */
export const systemctl: Tool = async (context, args) => {
  const { machine, root } = context;
  const options = parse(args);
  const [verb = 'list-units', ...names] = options.words;
  const units = names.map((name) => machine.unit(name) ?? name);
  const changes =
    verb in ACTIONS || ['kill', 'mask', 'unmask', 'enable', 'disable', 'reset-failed', 'daemon-reload'].includes(verb);
  if (changes && !root) {
    return failed(
      options.flags.has('--no-ask-password')
        ? `Failed to ${verb} ${id(names[0] ?? '')}: Interactive authentication required.`
        : `Failed to ${verb} ${id(names[0] ?? '')}: Access denied`,
    );
  }
  const action = ACTIONS[verb];
  if (action) return jobs(units, action, verb);
  switch (verb) {
    case 'show': {
      const wanted = (options.values.get('-p') ?? options.values.get('--property'))?.split(',');
      const set = wanted && new Set(wanted);
      return printed(names.map((name) => showBlock(machine, name, set)).join('\n'));
    }
    case 'is-active': {
      const states = units.map((unit) => (typeof unit === 'string' ? 'inactive' : unit.active));
      return {
        stdout: states.map((state) => `${state}\n`).join(''),
        stderr: '',
        code: states.every((state) => state === 'active') ? 0 : 3,
      };
    }
    case 'is-enabled': {
      const states = units.map((unit) => (typeof unit === 'string' ? 'not-found' : unit.file));
      return {
        stdout: states.map((state) => `${state}\n`).join(''),
        stderr: '',
        code: states.every((state) => state === 'enabled') ? 0 : 1,
      };
    }
    case 'is-failed': {
      const states = units.map((unit) => (typeof unit === 'string' ? 'inactive' : unit.active));
      return {
        stdout: states.map((state) => `${state}\n`).join(''),
        stderr: '',
        code: states.includes('failed') ? 0 : 1,
      };
    }
    case 'status':
      return status(context, names);
    case 'cat':
      return printed(
        units
          .map((unit) => (typeof unit === 'string' ? '' : `# /lib/systemd/system/${unit.id}\n${unit.daemon.unitFile}`))
          .join('\n'),
      );
    case 'daemon-reload':
      return printed('');
  }
  if (!changes) return failed(`Unknown command verb ${verb}.`);
  for (const unit of units) {
    if (typeof unit === 'string') return failed(`Failed to ${verb} unit: Unit file ${id(unit)} does not exist.`);
    if (verb === 'kill') kill(context, unit, options);
    else if (verb === 'reset-failed') unit.resetFailed();
    else if (verb === 'mask' || verb === 'unmask') unit.mask(verb === 'mask');
    else unit.enable(verb === 'enable');
  }
  if (!options.flags.has('--now')) return printed('');
  return jobs(units, ACTIONS[verb === 'enable' ? 'start' : 'stop']!, 'stop');
};
