import { homedir, hostname, userInfo } from 'node:os';
import meow from 'meow';
import pkg from '../package.json' with { type: 'json' };
import { type CommonFlags, type Io, UsageError } from './commands/io.ts';
import type { RecordFlags } from './commands/record.ts';
import { commandHelp, commands, overview } from './commands/table.ts';
import { ConfigError } from './config/errors.ts';

const stop = new AbortController();
/** Exit status by convention: 128 + signal number. */
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
let stoppedBy: number | undefined;
let again: (() => void) | undefined;
for (const [name, status] of Object.entries(signals))
  process.on(name, () => {
    if (stop.signal.aborted) {
      const heed = again ?? (() => process.exit(status));
      again = undefined;
      return heed();
    }
    stoppedBy = status;
    stop.abort(new Error(`ended by ${name}`));
  });

const author = (): string => {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `someone@${hostname()}`;
  }
};

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  author: author(),
  signal: stop.signal,
  onAgain: (heed) => {
    again = heed;
  },
};

const parse = () =>
  meow({
    importMeta: import.meta,
    pkg,
    argv: process.argv.slice(2),
    autoHelp: false,
    autoVersion: false,
    flags: {
      config: { type: 'string', shortFlag: 'c' },
      jump: { type: 'string', shortFlag: 'J' },
      via: { type: 'string' },
      interval: { type: 'string' },
      timeout: { type: 'string' },
      readOnly: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      color: { type: 'boolean', default: true },
      ascii: { type: 'boolean', default: false },
      serve: { type: 'boolean', default: false },
      calm: { type: 'boolean', default: false },
      node: { type: 'string', isMultiple: true },
      yes: { type: 'boolean', default: false },
      confirm: { type: 'string' },
      dryRun: { type: 'boolean', default: false },
      restoreAfter: { type: 'string' },
      sudoers: { type: 'boolean', default: false },
      step: { type: 'boolean', default: false },
      junit: { type: 'string' },
      file: { type: 'string' },
      format: { type: 'string' },
      to: { type: 'string' },
      from: { type: 'string' },
      until: { type: 'string' },
      around: { type: 'string' },
      at: { type: 'string' },
      speed: { type: 'string' },
      anchor: { type: 'string' },
      prom: { type: 'string' },
      size: { type: 'string' },
      fps: { type: 'string' },
      idle: { type: 'string' },
      out: { type: 'string', shortFlag: 'o' },
      force: { type: 'boolean', default: false },
      record: { type: 'string' },
      requireRecording: { type: 'boolean', default: false },
      dir: { type: 'string' },
      sarif: { type: 'boolean', default: false },
      asInTutorial: { type: 'boolean', default: false },
      help: { type: 'boolean', shortFlag: 'h', default: false },
      version: { type: 'boolean', default: false },
      licences: { type: 'boolean', default: false },
      licenses: { type: 'boolean', default: false },
    },
  });

/** A flag given twice is a mistake of the command line, not of ours. */
const parseOnce = () => {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error && /can only be set once/.test(error.message)) throw new UsageError(error.message);
    throw error;
  }
};

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Flags given that the command does not have: an operator must not believe that one was heard. */
const unheard = (command: (typeof commands)[number], given: string[]): string | undefined => {
  const known = command.flags
    .flatMap((one) => one.flag.match(/--(?:no-)?[a-z-]+/g) ?? [])
    .map((flag) => flag.replace(/^--(no-)?/, ''));
  return given.find((flag) => !known.includes(flag));
};

/** The flags of these names that were given. */
const named = <K extends string>(flags: Partial<Record<K, unknown>>, names: K[]): { [N in K]?: string } =>
  Object.fromEntries(names.flatMap((name) => (flags[name] === undefined ? [] : [[name, String(flags[name])]]))) as {
    [N in K]?: string;
  };

/** `--record FILE`, `--no-record`, `--require-recording` as they were given. */
const recordFlags = (record: string | undefined, requireRecording: boolean): RecordFlags => {
  const off = process.argv.includes('--no-record');
  if (off && record) throw new UsageError('--record and --no-record contradict each other');
  return { requireRecording, ...(off ? { record: false } : record === undefined ? {} : { record }) };
};

const run = async (): Promise<number> => {
  const { input, flags, unnormalizedFlags } = parseOnce();
  const name = input[0] ?? 'watch';
  const command = commands.find((one) => one.name === name);
  if (flags.version) {
    io.stdout.write(`${pkg.version}\n`);
    return 0;
  }
  if (flags.licences || flags.licenses) {
    io.stdout.write((await import('./commands/licences.ts')).licencesText());
    return 0;
  }
  if (flags.help || name === 'help') {
    const asked = commands.find((one) => one.name === (name === 'help' ? input[1] : input[0]));
    io.stdout.write(asked ? commandHelp(asked) : overview());
    return 0;
  }
  if (!command) throw new UsageError(`there is no command ${JSON.stringify(name)}; haconsole --help lists them`);
  if (input.length > 1 && !command.words) throw new UsageError(`${name} takes no argument ${JSON.stringify(input[1])}`);
  const given = Object.entries(unnormalizedFlags)
    .filter(([flag, value]) => flag.length > 1 && value !== undefined && value !== (flag === 'color'))
    .filter(([, value]) => !Array.isArray(value) || value.length > 0)
    .map(([flag]) => kebab(flag));
  const odd = unheard(command, given);
  if (odd !== undefined) throw new UsageError(`${name} has no flag --${odd}; haconsole ${name} --help lists them`);
  const { via } = flags;
  if (via !== undefined && via !== 'jump' && via !== 'direct') throw new UsageError('--via takes jump or direct');
  const { config, jump, interval, timeout, readOnly, json, color, ascii } = flags;
  const common: CommonFlags = {
    readOnly,
    json,
    color,
    ascii,
    ...(config === undefined ? {} : { config }),
    ...(jump === undefined ? {} : { jump }),
    ...(via === undefined ? {} : { via }),
    ...(interval === undefined ? {} : { interval }),
    ...(timeout === undefined ? {} : { timeout }),
  };
  const words = input.slice(1).map(String);
  const recording = recordFlags(flags.record, flags.requireRecording);
  switch (name) {
    case 'act': {
      const { yes, dryRun, sudoers, confirm, restoreAfter } = flags;
      const more = {
        ...(confirm === undefined ? {} : { confirm }),
        ...(restoreAfter === undefined ? {} : { restoreAfter }),
      };
      return (await import('./commands/act.ts')).actCommand(
        { ...common, ...recording, words, yes, dryRun, sudoers, ...more },
        io,
      );
    }
    case 'drill':
      return (await import('./commands/drill.ts')).drillCommand(
        {
          ...common,
          ...recording,
          words,
          yes: flags.yes,
          step: flags.step,
          ...named(flags, ['confirm', 'junit', 'restoreAfter']),
        },
        io,
      );
    case 'note':
      return (await import('./commands/note.ts')).noteCommand(
        { ...common, ...recording, text: words.join(' '), nodes: flags.node ?? [] },
        io,
      );
    case 'verify':
      return (await import('./commands/verify.ts')).verifyCommand({ words, json, ...named(flags, ['anchor']) }, io);
    case 'recover':
      return (await import('./commands/recover.ts')).recoverCommand({ words, ...named(flags, ['out']) }, io);
    case 'report':
      return (await import('./commands/report.ts')).reportCommand(
        { words, json, ...named(flags, ['out', 'format', 'from', 'until', 'around']) },
        io,
      );
    case 'export':
      return (await import('./commands/export.ts')).exportCommand(
        { words, ...named(flags, ['out', 'to', 'size', 'fps', 'idle', 'from', 'until', 'around']) },
        io,
        async () => (await import('./commands/cast-frames.ts')).castFrames,
      );
    case 'replay':
      return (await import('./commands/replay.ts')).replayCommand(
        { words, json, color, ascii, ...named(flags, ['at', 'speed']) },
        io,
      );
    case 'completion':
      return (await import('./commands/completion.ts')).completionCommand({ ...common, words }, io);
    case 'audit': {
      if (json && flags.sarif) throw new UsageError('audit prints --json or --sarif, not both');
      const { auditCommand } = await import('./commands/audit.ts');
      return auditCommand({ ...common, sarif: flags.sarif, ...named(flags, ['dir']) }, io);
    }
    case 'init':
      return (await import('./commands/init.ts')).initCommand(
        { ...common, words, yes: flags.yes, ...named(flags, ['out']) },
        io,
      );
    case 'doctor':
      return (await import('./commands/doctor.ts')).doctorCommand(common, io);
    case 'check':
      return (await import('./commands/check.ts')).checkCommand({ ...common, ...named(flags, ['prom']) }, io);
    case 'demo':
      return (await import('./commands/demo.ts')).demoCommand(
        { ...common, ...recording, serve: flags.serve, calm: flags.calm },
        io,
      );
    case 'render': {
      if ((flags.node?.length ?? 0) > 1) throw new UsageError('render takes one --node');
      const [{ renderCommand }, { clusterOf }] = await Promise.all([
        import('./commands/render.ts'),
        import('./commands/cluster.ts'),
      ]);
      return renderCommand({
        config: await clusterOf(common, io),
        force: flags.force,
        asInTutorial: flags.asInTutorial,
        stdout: (text) => void io.stdout.write(text),
        stderr: (text) => void io.stderr.write(text),
        env: io.env,
        ...(flags.node?.[0] === undefined ? {} : { node: flags.node[0] }),
        ...(flags.file === undefined ? {} : { file: flags.file }),
        ...(flags.out === undefined ? {} : { out: flags.out }),
      });
    }
    default:
      return (await import('./commands/watch.ts')).watchCommand({ ...common, ...recording }, io);
  }
};

/** Lets what was written reach a slow pipe before the process ends. */
const flushed = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()));

/** A reader that has seen enough (`| head`) is no fault; output that could not be stored is. */
io.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  io.stderr.write(`haconsole: the output could not be written: ${error.message}\n`);
  process.exit(3);
});
try {
  process.exitCode = await run();
} catch (error) {
  if (error instanceof ConfigError || error instanceof UsageError) {
    io.stderr.write(`haconsole: ${error.message}\n`);
    process.exitCode = 2;
  } else if (stop.signal.aborted) {
    process.exitCode = stoppedBy ?? 130;
  } else {
    io.stderr.write(
      `haconsole: internal error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 3;
  }
}
await Promise.race([
  Promise.all([flushed(io.stdout), flushed(io.stderr)]),
  new Promise((resolve) => setTimeout(resolve, 500).unref()),
]);
process.exit(process.exitCode);
