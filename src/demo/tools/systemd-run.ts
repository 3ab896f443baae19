import { hex } from '../random.ts';
import { runLine } from '../shell.ts';
import { lookup } from './lookup.ts';
import { denial, runJobs, SYSTEMD_VERSION } from './systemctl-verbs.ts';
import { readSpan } from './timespan.ts';
import { failed, printed, type Tool, type ToolContext, type ToolResult } from './tool.ts';

/** Default of AccuracySec=, ms: a timer without it may be a minute late. */
const ACCURACY = 60_000;

type Options = { unit?: string; description?: string; onActive?: string; accuracy: number; quiet: boolean };
type Parsed = { options: Options; words: string[] } | { error: string };

const WITH_VALUE = new Set([
  '--unit',
  '-u',
  '--description',
  '--on-active',
  '--timer-property',
  '--property',
  '-p',
  '--uid',
  '--slice',
]);

const parse = (args: readonly string[]): Parsed => {
  const options: Options = { accuracy: ACCURACY, quiet: false };
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at]!;
    if (arg === '--') {
      at += 1;
      break;
    }
    if (!arg.startsWith('-')) break;
    const [name = '', inline] = arg.startsWith('--') ? arg.split(/=(.*)/s) : [arg];
    const value = WITH_VALUE.has(name) ? (inline ?? args[++at] ?? '') : '';
    if (name === '--unit' || name === '-u') options.unit = value.replace(/\.(service|timer)$/, '');
    else if (name === '--description') options.description = value;
    else if (name === '--on-active') options.onActive = value;
    else if (name === '--timer-property') {
      const [property, setting = ''] = value.split(/=(.*)/s);
      const span = property === 'AccuracySec' ? readSpan(setting) : undefined;
      if (span === undefined) return { error: `Unknown assignment: ${value}` };
      options.accuracy = span;
    } else if (name === '--quiet' || name === '-q') options.quiet = true;
    else if (!WITH_VALUE.has(name) && name !== '--collect' && name !== '-G') {
      return { error: `systemd-run: unrecognized option '${name}'` };
    }
  }
  return { options, words: args.slice(at) };
};

/** What a transient service does: systemctl's verbs for the daemons, a line of shell, nothing for anything else. */
const runner =
  (context: ToolContext, command: readonly string[]) =>
  (done: (code: number, stderr: string) => void): void => {
    const { machine } = context;
    const [program = '', verb = '', ...names] = command;
    if (program.endsWith('/sh') && verb === '-c') {
      const asRoot = { ...context, root: true, sbin: true, shell: 'sh' as const, stdin: async () => '' };
      // What its commands say goes to the journal line by line as well; the last one's status is the service's.
      void runLine(asRoot, names[0] ?? '').then(({ code, stderr }) => done(code, stderr));
    } else if (program.endsWith('/systemctl')) {
      runJobs({ machine, root: true }, verb, names, true, ({ code, stderr }) => done(code, stderr));
    } else if (program.endsWith('/sleep')) machine.clock.after(Number(verb) * 1000, () => done(0, ''));
    else machine.clock.after(5, () => done(0, ''));
  };

/** systemd-run(1) of systemd 252, with `--on-active`: a transient timer and its service. */
export const systemdRun: Tool = (context, args): ToolResult => {
  if (args[0] === '--version') return printed(SYSTEMD_VERSION);
  const parsed = parse(args);
  if ('error' in parsed) return failed(parsed.error);
  const { options, words } = parsed;
  const { machine, root } = context;
  const onActive = options.onActive === undefined ? undefined : readSpan(options.onActive);
  if (options.onActive !== undefined && onActive === undefined) {
    return failed(`Failed to parse OnActiveSec=${options.onActive}: Invalid argument`);
  }
  const [first, ...rest] = words;
  if (first === undefined) return failed('Command line to execute required.');
  if (onActive === undefined) return failed('This machine is modelled: systemd-run needs --on-active here.');
  const path = lookup({ ...context, sbin: true }, first);
  if (path === undefined) return failed(`Failed to find executable ${first}: No such file or directory`);
  if (!root) return failed(`Failed to start transient timer unit: ${denial(machine).words}`);
  const name = options.unit ?? `run-r${hex(machine.random, 32)}`;
  for (const id of [`${name}.timer`, `${name}.service`]) {
    if (machine.managed(id)) {
      return failed(`Failed to start transient timer unit: Unit ${id} was already loaded or has a fragment file.`);
    }
  }
  const command = [path, ...rest];
  machine.arm({
    name,
    description: options.description ?? command.join(' '),
    command,
    onActive,
    accuracy: options.accuracy,
    run: runner(context, command),
  });
  const said = `Running timer as unit: ${name}.timer\nWill run service as unit: ${name}.service\n`;
  return { stdout: '', stderr: options.quiet ? '' : said, code: 0 };
};
