import type { ClusterConfig } from '../config/cluster-config.ts';
import { examine } from '../doctor/examine.ts';
import type { Here } from '../doctor/here.ts';
import { DOCTOR_TIMINGS } from '../doctor/logins.ts';
import { reportOf, type Section } from '../doctor/report.ts';
import { realClock } from '../probes/clock.ts';
import { loadHttp } from '../probes/http.ts';
import { headlessPrompter } from '../session/prompts.ts';
import { listAgentKeys } from '../ssh/agent-list.ts';
import { createNetwork } from '../ssh/network.ts';
import { openSshAvailable } from '../ssh/openssh-login.ts';
import { clusterOf } from './cluster.ts';
import { type Look, sectionText, summaryText } from './doctor-text.ts';
import { type CommonFlags, type Io, isTerminal } from './io.ts';

const isUtf8 = (env: Io['env']): boolean => /utf-?8/i.test(localeOf(env));
const localeOf = (env: Io['env']): string => env.LC_ALL || env.LC_CTYPE || env.LANG || '';

const hereOf = async (flags: CommonFlags, io: Io): Promise<Here> => {
  const { stdout, env } = io;
  const socket = env.SSH_AUTH_SOCK || undefined;
  const keys = socket === undefined ? undefined : await listAgentKeys(socket);
  return {
    isTerminal: isTerminal(io),
    columns: stdout.columns ?? 0,
    rows: stdout.rows ?? 0,
    colorDepth: stdout.isTTY ? stdout.getColorDepth(env) : 1,
    term: env.TERM ?? '',
    noColor: Boolean(env.NO_COLOR) || !flags.color,
    utf8: isUtf8(env),
    locale: localeOf(env),
    agentKeys: keys === undefined || keys === null ? keys : keys.length,
    ssh: await openSshAvailable(env),
    node: process.version,
  };
};

/**
 * The first jump host is a port of this machine (a forwarded port, the embedded cluster): the nodes' addresses mean nothing here,
 * and a request sent to them from here would go to a stranger.
 */
const leadsThroughHere = ({ ssh }: ClusterConfig): boolean =>
  /^(?:127\.|::1$|localhost$)/.test(ssh.jump[0]?.host ?? '');

/** `haconsole doctor`: which access works and which does not. Asks nobody, writes nothing on a node; exit status 0 or 1. */
export const doctorCommand = async (flags: CommonFlags, io: Io): Promise<number> => {
  const config: ClusterConfig = await clusterOf(flags, io);
  const began = performance.now();
  void loadHttp();
  const { blocks, close } = examine({
    config,
    here: hereOf(flags, io),
    connect: (trace) =>
      createNetwork(config, {
        prompter: headlessPrompter,
        env: io.env,
        home: io.home,
        timings: DOCTOR_TIMINGS,
        trace,
      }),
    only: flags.via ?? (leadsThroughHere(config) ? 'jump' : undefined),
    clock: realClock,
    signal: io.signal,
  });
  const look: Look = {
    width: Math.min(io.stdout.columns ?? 100, 120),
    ascii: flags.ascii || !isUtf8(io.env),
    color: Boolean(io.stdout.isTTY) && flags.color && !io.env.NO_COLOR,
  };
  const sections: Section[] = [];
  try {
    for (const block of blocks)
      for (const section of await block) {
        sections.push(section);
        if (!flags.json) io.stdout.write(sectionText(section, look));
      }
  } finally {
    await close();
  }
  io.signal.throwIfAborted();
  const report = reportOf(config.name, sections, performance.now() - began);
  io.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : summaryText(report));
  return report.ok ? 0 : 1;
};
