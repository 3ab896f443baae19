import { constants } from 'node:fs';
import { access, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { visibleText } from '../cluster/visible-text.ts';
import type { HttpTarget, SshTarget } from '../config/cluster-config.ts';
import { ConfigError } from '../config/errors.ts';
import { parseHop, parseJump } from '../config/hop.ts';
import { parseCluster } from '../config/load.ts';
import { draftOf } from '../init/draft.ts';
import { gather } from '../init/gather.ts';
import { type Way, wayTo } from '../init/ways.ts';
import { clusterText } from '../init/write.ts';
import { realClock } from '../probes/clock.ts';
import { createNetwork } from '../ssh/network.ts';
import { RemoteError } from '../ssh/remote.ts';
import { askLine, terminalPrompter } from './ask-terminal.ts';
import type { CommonFlags, Io } from './io.ts';

/** What `init` was given beside the common flags. */
export type InitFlags = CommonFlags & { words: string[]; yes: boolean; out?: string };

/** What there is to go by, given or asked for. */
type Start = { hosts: string[]; jump: string | undefined };

const HTTP: HttpTarget = { address: '', port: 80, path: '/', scheme: 'http' };

/** `haconsole init`: logs in, finds out what the nodes are, and writes a commented cluster file. Exit status 0, 1 nothing found, 2 refused. */
export const initCommand = async (flags: InitFlags, io: Io): Promise<number> => {
  const say = (sentence: string) => void io.stderr.write(`${visibleText(sentence, 500)}\n`);
  const out = resolve(io.cwd, flags.out ?? 'haconsole.yaml');
  const shown = flags.out ?? './haconsole.yaml';
  const exists = await access(out, constants.F_OK).then(
    () => true,
    () => false,
  );
  // Refused before anything is looked at: nobody waits for logins to hear this.
  if (exists && !flags.yes && !io.stdin.isTTY) {
    say(`haconsole init: ${shown} is there already; --yes overwrites it, -o FILE names another`);
    return 2;
  }
  const start = await startOf(flags, io);
  if (!start) {
    say('haconsole init: name a load balancer: haconsole init [-J JUMP] HOST…');
    return 2;
  }
  const targets = start.hosts.map((host) => parseHop(host, 'HOST'));
  const { text, found, problem } = await findOut(targets, start.jump, io, say);
  if (problem !== undefined) {
    say(`haconsole init: ${problem}`);
    return 1;
  }
  io.stdout.write(text);
  if (found === 0) {
    say('haconsole init: no load balancer was looked at, so nothing is written');
    return 1;
  }
  if (exists && !flags.yes) {
    const answer = await askLine(`${shown} is there already. Overwrite it? (yes or no) `, io);
    if (answer?.trim().toLowerCase() !== 'yes') {
      say('nothing was written');
      return 2;
    }
  }
  try {
    await replaceFile(out, text);
  } catch (error) {
    say(`haconsole init: ${shown} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  say(`written: ${shown}; next: haconsole doctor, haconsole check`);
  return 0;
};

/** The hosts of the command line, or asked for step by step at a terminal. */
const startOf = async (flags: InitFlags, io: Io): Promise<Start | undefined> => {
  if (flags.words.length > 0) return { hosts: flags.words, jump: flags.jump };
  if (!io.stdin.isTTY) return undefined;
  io.stderr.write(
    'Where is the pair? An alias of ssh_config, a name or an address; user@host:port where it needs that.\n',
  );
  const jump = flags.jump ?? (await askLine('Jump host (empty: none): ', io));
  if (jump === null) return undefined;
  const balancers = await askLine('A load balancer, or several: ', io);
  const hosts = (balancers ?? '').split(/[\s,]+/).filter((word) => word !== '');
  return hosts.length === 0 ? undefined : { hosts, jump: jump.trim() === '' ? undefined : jump.trim() };
};

type Found = { text: string; found: number; problem?: string };

const findOut = async (
  targets: SshTarget[],
  jumpText: string | undefined,
  io: Io,
  say: (text: string) => void,
): Promise<Found> => {
  const context = { env: io.env, home: io.home, log: () => {} };
  let ways: Way[];
  try {
    ways = await Promise.all(targets.map((target) => wayTo(target, context)));
  } catch (error) {
    if (error instanceof RemoteError) return { text: '', found: 0, problem: error.failure.found };
    throw error;
  }
  // Who is found later is behind the same hops, whatever ssh_config says of its address.
  const hops = jumpText === undefined ? (ways[0]?.proxyJump ?? []) : jumpText.split(',').map((hop) => hop.trim());
  const jump = parseJump(hops.length === 0 ? 'none' : hops.join(','));
  const { user, port, identity } = ways[0]?.settings ?? {};
  const via = jump.length > 0 ? 'jump' : 'direct';
  const ask = terminalPrompter(io);
  let hushed = false;
  const network = createNetwork(
    {
      ssh: {
        jump,
        sudo: true,
        transport: 'auto',
        defaults: {
          ...(user === undefined ? {} : { user }),
          ...(port === undefined ? {} : { port }),
          ...(identity === undefined ? {} : { identity }),
        },
      },
      nodes: targets.map((target) => ({
        name: target.name,
        role: 'lb' as const,
        address: target.host,
        ssh: target,
        http: { ...HTTP, address: target.host },
      })),
      http: { via, defaults: { port: 80, path: '/', scheme: 'http' } },
      timeout: 3000,
    },
    { prompter: async (prompt, signal) => (hushed ? null : ask(prompt, signal)), env: io.env, home: io.home },
  );
  try {
    network.start();
    const findings = await gather({
      network,
      given: targets.map(({ name, host }) => ({ name, address: host })),
      hops: jump.map(({ name }) => name),
      via,
      clock: realClock,
      signal: io.signal,
      hush: () => {
        hushed = true;
      },
      say,
    });
    io.signal.throwIfAborted();
    const draft = draftOf(findings, ways);
    const when = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const knownHosts = ways[0]?.knownHosts;
    const text = clusterText(
      draft,
      {
        jump: hops.length === 1 && hops[0] === 'none' ? [] : hops,
        settings: ways[0]?.settings ?? {},
        ...(knownHosts ? { knownHosts } : {}),
      },
      { home: io.home, when },
    );
    return { text, found: draft.loadBalancers.length, ...problemIn(text, draft.loadBalancers.length, io) };
  } finally {
    await network.close();
  }
};

/** What was written has to be readable: a fault of ours is told with the file, not found by the next command. */
const problemIn = (text: string, found: number, io: Io): { problem?: string } => {
  if (found === 0) return {};
  try {
    parseCluster(text, { label: 'the new file', directory: io.cwd, home: io.home });
    return {};
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problem: `what was found makes no good file: ${error.message}\n${text}` };
  }
};

/** In one step: a file half written would be worse than none. */
const replaceFile = async (path: string, text: string): Promise<void> => {
  const fresh = `${path}.${process.pid}.new`;
  try {
    await writeFile(fresh, text, { flag: 'wx' });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw new Error(`${dirname(path)}: ${error instanceof Error ? error.message : String(error)}`);
  }
};
