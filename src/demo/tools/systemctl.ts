import { sleep } from '../clock.ts';
import type { Unit } from '../unit.ts';
import { systemdText } from './date.ts';
import { showBlock } from './systemctl-show.ts';
import { denial, makesJob, runJobs, SYSTEMD_VERSION, unitId } from './systemctl-verbs.ts';
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

const status = ({ machine }: ToolContext, names: string[]): ToolResult => {
  const texts = names.map((name) => {
    const unit = machine.unit(name);
    if (!unit) return { text: '', error: `Unit ${unitId(name)} could not be found.\n`, code: 4 };
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

/** The verbs that change what systemd knows of a unit without a job, and what they are called where they are denied. */
const DENIED: Record<string, (id: string) => string> = {
  kill: (id) => `kill unit ${id}`,
  mask: () => 'mask unit',
  unmask: () => 'unmask unit',
  enable: () => 'enable unit',
  disable: () => 'disable unit',
  'reset-failed': (id) => `reset failed state of unit ${id}`,
};

/** Verbs after which systemd reads all unit files again, and how long that takes, ms. */
const RELOADS = new Set(['mask', 'unmask', 'enable', 'disable']);
const RELOADING = 90;

/** `mask`, `unmask`: a link to /dev/null in /etc/systemd/system. */
const setMask = (context: ToolContext, id: string, masked: boolean): string => {
  const unit = context.machine.unit(id);
  const { maskedNames } = context.machine;
  const before = unit ? unit.load === 'masked' : maskedNames.has(id);
  const missing = unit || before ? '' : `Unit ${id} does not exist, proceeding anyway.\n`;
  if (before === masked) return missing;
  if (unit) unit.mask(masked);
  else if (masked) maskedNames.add(id);
  else maskedNames.delete(id);
  const done = masked
    ? `Created symlink /etc/systemd/system/${id} → /dev/null.`
    : `Removed "/etc/systemd/system/${id}".`;
  return `${missing}${done}\n`;
};

const change = (context: ToolContext, verb: string, names: string[], options: Options): ToolResult => {
  const result: ToolResult = { stdout: '', stderr: '', code: 0 };
  for (const id of names.map(unitId)) {
    if (!context.root) {
      result.stderr += `Failed to ${DENIED[verb]!(id)}: ${denial(context.machine).words}\n`;
      result.code = 1;
      continue;
    }
    if (verb === 'mask' || verb === 'unmask') {
      result.stderr += setMask(context, id, verb === 'mask');
      continue;
    }
    const managed = context.machine.managed(id);
    const unit = context.machine.unit(id);
    if (verb === 'reset-failed' && managed) managed.resetFailed();
    else if (verb === 'kill' && unit) kill(context, unit, options);
    else if (unit && (verb === 'enable' || verb === 'disable')) unit.enable(verb === 'enable');
    else {
      const words =
        verb === 'reset-failed' || verb === 'kill' ? `Unit ${id} not loaded.` : `Unit file ${id} does not exist.`;
      result.stderr += `Failed to ${DENIED[verb]!(id)}: ${words}\n`;
      result.code = 1;
    }
  }
  return result;
};

/** What every Debian runs, and nobody here looks at more closely. */
const STANDARD = new Set(['systemd-timesyncd.service']);

const asJobs = (context: ToolContext, verb: string, names: string[], wait: boolean): Promise<ToolResult> =>
  new Promise((resolve) => runJobs(context, verb, names, wait, resolve));

/** systemctl(1) of systemd 252 for the machine's units: the readers and the verbs that act. */
export const systemctl: Tool = async (context, args) => {
  const { machine } = context;
  const options = parse(args);
  const [verb = 'list-units', ...names] = options.words;
  if (options.flags.has('--version')) return printed(SYSTEMD_VERSION);
  const wait = !options.flags.has('--no-block');
  const units = names.map((name) => machine.managed(unitId(name)));
  if (makesJob(verb)) return names.length === 0 ? failed('Too few arguments.') : asJobs(context, verb, names, wait);
  if (verb in DENIED) {
    if (names.length === 0) return failed('Too few arguments.');
    const result = change(context, verb, names, options);
    if (context.root && RELOADS.has(verb)) await sleep(machine.clock, RELOADING);
    const follow = { enable: 'start', mask: 'stop', disable: 'stop' }[verb];
    if (result.code !== 0 || !follow || !options.flags.has('--now')) return result;
    const jobs = await asJobs(context, follow, names, wait);
    return { ...jobs, stderr: result.stderr + jobs.stderr };
  }
  switch (verb) {
    case 'show': {
      const wanted = (options.values.get('-p') ?? options.values.get('--property'))?.split(',');
      const set = wanted && new Set(wanted);
      const blocks = names.map((name) => showBlock(machine, name, set)).join('\n');
      return printed(options.flags.has('--value') ? blocks.replace(/^[^=\n]*=/gm, '') : blocks);
    }
    case 'is-active': {
      const states = units.map(
        (unit, index) => unit?.active ?? (STANDARD.has(unitId(names[index]!)) ? 'active' : 'inactive'),
      );
      return {
        stdout: states.map((state) => `${state}\n`).join(''),
        stderr: '',
        code: states.some((state) => state === 'active' || state === 'reloading') ? 0 : 3,
      };
    }
    case 'is-enabled': {
      const states = names.map((name) => machine.unit(name)?.file);
      const missing = names.filter((name) => !machine.unit(name));
      return {
        stdout: states.map((state) => (state ? `${state}\n` : '')).join(''),
        stderr: missing
          .map((name) => `Failed to get unit file state for ${unitId(name)}: No such file or directory\n`)
          .join(''),
        code: missing.length === 0 && states.includes('enabled') ? 0 : 1,
      };
    }
    case 'is-failed': {
      const states = units.map((unit) => unit?.active ?? 'inactive');
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
        names
          .flatMap((name) => machine.unit(name) ?? [])
          .map((unit) => `# /lib/systemd/system/${unit.id}\n${unit.daemon.unitFile}`)
          .join('\n'),
      );
    case 'daemon-reload':
      return context.root ? printed('') : failed(`Reload daemon failed: ${denial(machine).words}`);
    default:
      return failed(`Unknown command verb ${verb}.`);
  }
};
