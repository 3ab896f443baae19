import { visibleText } from '../cluster/visible-text.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Clock } from '../probes/clock.ts';
import { parseIpAddr } from '../probes/parse/ip-addr.ts';
import type { Network } from '../ssh/remote.ts';
import type { Trace } from '../ssh/trace.ts';
import type { Answers } from './answers.ts';
import { type Here, hereSection } from './here.ts';
import { type Login, loginLines, notReached } from './login.ts';
import { followLogins } from './logins.ts';
import { examineNode } from './node.ts';
import { bad, type Line, ok, type Section, unknown } from './report.ts';
import { httpLines, type Way } from './web.ts';

/** What an examination needs of the world around it. */
export type Exam = {
  config: ClusterConfig;
  here: Promise<Here>;
  /** Makes the network, not started, that tells `trace` of each step. */
  connect: (trace: Trace) => Network;
  /** HTTP is tried by this way alone. */
  only?: Way | undefined;
  clock: Clock;
  signal: AbortSignal;
};

/** How long the jump host may take to echo, ms. */
const ECHO = 2000;

/**
 * Looks at every step of every way into the cluster, all nodes at the same time. Returns at once: blocks of sections in the order of
 * the report, each there as soon as it is known. None rejects, and each has its deadline; `close` the network at the end.
 */
export const examine = (exam: Exam): { blocks: Promise<Section[]>[]; close: () => Promise<void> } => {
  const { config, clock, signal } = exam;
  const { network, logins } = followLogins(config, exam.connect, signal);
  const last = config.ssh.jump.at(-1);
  const away = last ? logins.of(last.name).then(whyAway) : Promise.resolve(undefined);
  const balancers = new Map(
    config.nodes.flatMap(({ name, role }) =>
      role === 'lb' ? [[name, Promise.withResolvers<Answers | undefined>()]] : [],
    ),
  );
  const nodeLogins = () => Promise.all(config.nodes.map(({ name }) => logins.of(name)));

  const jump = async (name: string): Promise<Section[]> => {
    const login = await logins.of(name);
    const lines = loginLines(login);
    if (!login.failure && name === last?.name) lines.push(await echoLine(network, signal));
    if (!login.failure) lines.push(forwardingLine(name, await nodeLogins()));
    return [{ name, role: 'jump', lines }];
  };
  const hidden = async (): Promise<Section[]> =>
    last ? [] : (await logins.hidden()).map((login) => ({ name: login.host, role: 'jump', lines: loginLines(login) }));
  const nodes = config.nodes.map(async (node) => [
    await examineNode({
      config,
      node,
      network,
      clock,
      login: logins.of(node.name),
      away,
      only: exam.only,
      signal,
      surveyed: (answers) => balancers.get(node.name)?.resolve(answers),
    }),
  ]);
  const vips = async (): Promise<Section[]> => {
    if (config.vips.length === 0) return [];
    const seen = await Promise.all(
      [...balancers].map(async ([name, { promise }]) => ({ name, answers: await promise })),
    );
    const lines = await Promise.all(
      config.vips.map(async ({ address, http }) => [
        holderLine(address, seen),
        ...(await httpLines(http, address, { network, config, signal, only: exam.only, away: await away })).map(
          (line) => ({
            ...line,
            check: line.check.replace('HTTP', address),
          }),
        ),
      ]),
    );
    return [{ name: 'virtual IPs', role: 'vips', lines: lines.flat() }];
  };
  return {
    blocks: [
      exam.here.then((here) => [hereSection(here, config)]),
      ...config.ssh.jump.map(({ name }) => jump(name)),
      hidden(),
      ...nodes,
      vips(),
    ],
    close: () => network.close(),
  };
};

const whyAway = (login: Login): string | undefined =>
  login.failure
    ? (notReached(login) ?? `not reached: ${login.host} is in the way (${login.failure.found})`)
    : undefined;

const echoLine = async (network: Network, signal: AbortSignal): Promise<Line> => {
  try {
    const ms = await network.ping({ signal: AbortSignal.any([signal, AbortSignal.timeout(ECHO)]) });
    return ok('round trip', `${ms.toFixed(1)} ms`, ms);
  } catch {
    return bad('round trip', `no echo within ${ECHO} ms`, 'the jump host stands still or the way to it is very slow');
  }
};

/** Whether the jump host lets connections through to the nodes: told by the nodes that were tried through it. */
const forwardingLine = (name: string, nodes: readonly Login[]): Line => {
  const refused = nodes.find(({ failure }) => failure?.hop === name && failure.step === 'permission')?.failure;
  if (refused) return bad('forwarding', refused.found, refused.advice);
  return nodes.some(({ passed }) => passed.length > 0)
    ? ok('forwarding', 'it connects to the nodes')
    : unknown('forwarding', 'no node was reached through it');
};

/** Who holds a VIP, by the addresses that the load balancers told. */
const holderLine = (vip: string, seen: readonly { name: string; answers: Answers | undefined }[]): Line => {
  const told = seen.flatMap(({ name, answers }) => {
    const read = parseIpAddr(answers?.('ADDR')?.text ?? '');
    return read.ok ? [{ name, holds: read.value.some(({ address }) => address === vip) }] : [];
  });
  const holders = told.filter(({ holds }) => holds).map(({ name }) => name);
  const check = `${visibleText(vip, 60)} holder`;
  if (holders.length === 1) return ok(check, holders.join());
  const silent = seen.filter(({ name }) => !told.some((one) => one.name === name)).map(({ name }) => name);
  if (holders.length > 1)
    return unknown(
      check,
      `${holders.join(' and ')} at the same time`,
      'haconsole check tells whether it is a split brain or a handover',
    );
  return unknown(
    check,
    silent.length > 0 ? `not known: ${silent.join(', ')} did not tell` : 'nobody just now',
    'haconsole check tells more',
  );
};
