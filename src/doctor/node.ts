import type { ClusterConfig, NodeConfig } from '../config/cluster-config.ts';
import { openAgent } from '../probes/agent/agent.ts';
import { WEB_UNITS } from '../probes/agent/script.ts';
import type { Clock } from '../probes/clock.ts';
import { failureOf } from '../probes/looks.ts';
import { parseSystemctlShow } from '../probes/parse/systemctl-show.ts';
import type { Network, Remote } from '../ssh/remote.ts';
import { type Answers, answersIn } from './answers.ts';
import { type Login, loginLines, notReached } from './login.ts';
import { checkLogLines, confLine, journalLine, reachOf } from './reading.ts';
import { bad, type Line, ok, type Section, unknown } from './report.ts';
import { rightsLines } from './rights.ts';
import { surveyScript } from './script.ts';
import { sessionsLine } from './sessions.ts';
import { clockLine, systemLines } from './system.ts';
import { toolLines } from './tools.ts';
import { httpLines, type Way } from './web.ts';

/** How long the programs of a survey may take together, ms; and all questions about rights. */
const SURVEY = 6000;
const RIGHTS = 8000;

/** What looking at one node needs. */
export type NodeExam = {
  config: ClusterConfig;
  node: NodeConfig;
  network: Network;
  clock: Clock;
  login: Promise<Login>;
  /** Why the last jump host is not reached, once that is known. */
  away: Promise<string | undefined>;
  /** HTTP is tried by this way alone. */
  only?: Way | undefined;
  signal: AbortSignal;
  /** Told what the node's programs said, or that they said nothing. */
  surveyed: (answers: Answers | undefined) => void;
};

/** Looks at one node in every way, and never writes there. Never rejects. */
export const examineNode = async (exam: NodeExam): Promise<Section> => {
  const { config, node, login: pending, network, signal } = exam;
  const http = exam.away.then((away) =>
    httpLines(node.http, node.name, { network, config, signal, only: exam.only, away }),
  );
  const login = await pending;
  const lines = loginLines(login);
  if (login.failure) {
    exam.surveyed(undefined);
    if (notReached(login) === undefined)
      lines.push(unknown('shell', 'not reached, and nothing behind it: programs, rights, clock'));
  } else lines.push(...(await lookInside(exam)));
  return { name: node.name, role: node.role, address: node.address, lines: [...lines, ...(await http)] };
};

const lookInside = async (exam: NodeExam): Promise<Line[]> => {
  const { config, node, clock } = exam;
  const remote = exam.network.remote(node.name);
  const began = performance.now();
  try {
    const signal = AbortSignal.any([exam.signal, AbortSignal.timeout(SURVEY + RIGHTS)]);
    const agent = await openAgent({ remote, script: surveyScript(config, node.role), clock, signal });
    try {
      const reply = await agent.ask('snap', SURVEY);
      const answers = answersIn(reply);
      exam.surveyed(answers);
      if (reply.sections.size === 0)
        return [unknown('shell', `no answer within ${SURVEY} ms`, 'is the node overloaded, or its disk stuck?')];
      const shell = ok('shell', `${reachOf(answers).user} has a POSIX shell`, performance.now() - began);
      const sessions = await sessionsLine(remote, 1, signal);
      agent.close();
      const calm = sessions.mark === 'bad' ? oneAtATime(remote) : remote;
      return [shell, sessions, ...(await linesOf(exam, answers, calm)), ...systemLinesOf(exam, answers, reply.clock)];
    } finally {
      agent.close();
    }
  } catch (error) {
    exam.surveyed(undefined);
    const { found, advice } = failureOf(error, node.name);
    const login = /not available|nologin|no shell/i.test(found);
    return [
      bad(
        'shell',
        found,
        login ? 'give the account a login shell on the node: usermod -s /bin/bash USER' : advice,
        performance.now() - began,
      ),
      unknown('programs, rights, clock', 'not reached: they need a shell'),
    ];
  }
};

const linesOf = async ({ config, node, signal }: NodeExam, answers: Answers, remote: Remote): Promise<Line[]> => {
  const reach = reachOf(answers);
  const conf = confLine(answers);
  const own = [
    ...toolLines(answers, node.role),
    journalLine(answers),
    ...(node.role === 'lb' ? [...(conf ? [conf] : []), ...checkLogLines(answers, config.checkLog)] : []),
  ];
  const rights = await rightsLines(remote, {
    config: withWebUnit(config, answers),
    role: node.role,
    reach,
    done: new Set(own.map(({ check }) => check)),
    signal: AbortSignal.any([signal, AbortSignal.timeout(RIGHTS)]),
  });
  return [...own, ...rights];
};

const systemLinesOf = (
  { config, node }: NodeExam,
  answers: Answers,
  clock: Parameters<typeof clockLine>[0],
): Line[] => [
  clockLine(clock),
  ...systemLines(answers, {
    role: node.role,
    address: node.address,
    addresses: [...config.nodes, ...config.vips].map(({ address }) => address),
  }),
];

/** `web: auto` stands for the unit that is there: rights are asked about for that one. */
const withWebUnit = (config: ClusterConfig, answers: Answers): ClusterConfig => {
  if (config.services.web !== 'auto') return config;
  const shown = parseSystemctlShow(answers('UNITS')?.text ?? '');
  const found = WEB_UNITS.find(
    (name) =>
      shown.ok && shown.value.some(({ unit, names }) => names.includes(`${name}.service`) && unit.load === 'loaded'),
  );
  return found === undefined ? config : { ...config, services: { ...config.services, web: found } };
};

/** Where the server opens fewer sessions than the console uses, its questions are put one after the other. */
const oneAtATime = (remote: Remote): Remote => {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    name: remote.name,
    open: remote.open,
    exec: (command, options) => {
      const mine = turn.then(() => remote.exec(command, options));
      turn = mine.catch(() => {});
      return mine;
    },
  };
};
