import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBase } from './base.ts';
import { currentFlavour } from './configure.ts';
import { FAULTS, faultNamed } from './faults.ts';
import { healAll } from './heal.ts';
import { need } from './need.ts';
import { INSIDE_ENV, insideArguments } from './node.ts';
import { CLUSTER_FILE, LabError, namespaceOf, REPOSITORY, STATE } from './plan.ts';
import { statusText } from './status.ts';
import { down, setFlavour, up } from './up.ts';

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

type Command = {
  usage: string;
  what: string;
  /** Resolves with the exit status; anything but a number is 0. */
  run: (args: string[]) => Promise<unknown>;
};

const COMMANDS: Record<string, Command> = {
  up: {
    usage: '[--install] [--flavour fixed|tutorial]',
    what: 'build and start the lab, or put a running one right',
    run: async (args) => {
      const wanted = args.includes('--flavour') ? flavourNamed(args[args.indexOf('--flavour') + 1]) : undefined;
      const started = performance.now();
      await up({ install: args.includes('--install'), flavour: wanted, say });
      say(`healthy after ${((performance.now() - started) / 1000).toFixed(1)} s; cluster file: ${CLUSTER_FILE}`);
    },
  },
  base: {
    usage: '[--install]',
    what: 'build the base image alone, where it is not cached yet',
    run: async (args) => {
      await need(args.includes('--install'), say);
      await ensureBase(say);
    },
  },
  down: { usage: '', what: 'remove everything but the cached base image', run: async () => void (await down()) },
  status: {
    usage: '',
    what: 'nodes, services and VIPs in a table',
    run: async () => console.log(await statusText()),
  },
  flavour: {
    usage: '[fixed|tutorial]',
    what: 'show or change which files the nodes run',
    run: async ([name]) => {
      if (name === undefined) console.log(await currentFlavour());
      else for (const line of await setFlavour(flavourNamed(name))) say(line);
    },
  },
  shell: { usage: 'NODE', what: 'a root shell inside a node', run: ([name = '']) => enter(name, ['/bin/bash', '-l']) },
  exec: {
    usage: 'NODE -- COMMAND…',
    what: 'run a command inside a node, as root',
    run: ([name = '', ...rest]) => enter(name, rest[0] === '--' ? rest.slice(1) : rest),
  },
  console: {
    usage: 'ARGS…',
    what: "haconsole from the operator's seat, with the lab's cluster file",
    run: (args) =>
      foreground('ip', ['netns', 'exec', namespaceOf('op'), process.execPath, CONSOLE, ...withCluster(args)], {
        XDG_STATE_HOME: RECORDED,
        ...process.env,
      }),
  },
  client: {
    usage: 'COMMAND…',
    what: "a command of this machine from the client's seat on the LAN",
    run: (args) => foreground('ip', ['netns', 'exec', namespaceOf('client'), ...args]),
  },
  fault: {
    usage: 'NAME ARGS…',
    what: 'break something (see the list below)',
    run: async ([name = '', ...args]) => console.log(await faultNamed(name, args).apply(...args)),
  },
  heal: {
    usage: '[NAME ARGS…]',
    what: 'undo one fault, or everything',
    run: async ([name, ...args]) => {
      if (name !== undefined) console.log(await faultNamed(name, args, true).heal(...args));
      else for (const line of [...(await healAll()), 'healthy']) console.log(line);
    },
  },
  capture: {
    usage: '[FOLDER]',
    what: "refresh fixtures/captured from the nodes' own tools",
    run: async ([folder]) => (await import('./capture.ts')).capture(say, folder),
  },
  transcripts: {
    usage: '[SCENE…]',
    what: 'refresh fixtures/captured/transcripts: commands that act, and what came of them',
    run: async (names) => (await import('./transcript.ts')).captureTranscripts(say, names),
  },
};

/** Recordings made on the lab go with it. */
const RECORDED = join(STATE, 'state');
const CONSOLE = join(REPOSITORY, 'bin/haconsole.mjs');

/** The cluster file goes where the console expects it: after the subcommand, unless the caller names another. */
function withCluster(args: string[]): string[] {
  return args.includes('-c') || args.includes('--config') ? args : [...args, '-c', CLUSTER_FILE];
}

function flavourNamed(name: string | undefined): 'fixed' | 'tutorial' {
  if (name === 'fixed' || name === 'tutorial') return name;
  throw new LabError(`"${name ?? ''}" is no flavour; there are fixed and tutorial`);
}

const enter = (name: string, argv: string[]): Promise<number> =>
  foreground('nsenter', insideArguments(name, argv), INSIDE_ENV);

/** Runs a command on this terminal and hands back its exit status. */
function foreground(command: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    // ctrl-c belongs to the command; this process lives on to pass its status.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => reject(new LabError(`cannot run ${command}: ${error.message}`)));
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}

function help(): string {
  const line = (name: string, usage: string, what: string) => `  ${`${name} ${usage}`.padEnd(44)} ${what}`;
  return [
    'usage: node lab/lab.ts COMMAND',
    '',
    ...Object.entries(COMMANDS).map(([name, { usage, what }]) => line(name, usage, what)),
    '',
    'faults:',
    ...Object.entries(FAULTS).map(([name, { usage, what }]) => line(name, usage, what)),
  ].join('\n');
}

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (!command) {
  console.error(help());
  process.exitCode = name === '' || name === 'help' || name === '--help' ? 0 : 2;
} else {
  try {
    const status = await command.run(args);
    process.exitCode = typeof status === 'number' ? status : 0;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
