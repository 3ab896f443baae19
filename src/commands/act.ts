import { parseAction } from '../actions/catalog.ts';
import { RESTORE_LIMITS } from '../actions/restore.ts';
import { sudoersFile } from '../actions/sudoers.ts';
import type { Action, ActionPhase, Plan } from '../cluster/action.ts';
import { actionText, isOver } from '../cluster/action-facts.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { durationMs } from '../config/duration.ts';
import { shown } from '../config/errors.ts';
import { toTopology } from '../config/topology.ts';
import type { LiveSession } from '../session/live.ts';
import { loadOwnDrills } from '../session/own-drills.ts';
import { ACT_STATUS, type ActEnd, actReport, endText } from './act-report.ts';
import { askWord } from './ask-word.ts';
import { clusterOf } from './cluster.ts';
import { drillNeeds } from './drill-needs.ts';
import { firstPicture, openHeadless } from './headless.ts';
import type { CommonFlags, Io } from './io.ts';
import { endSession, type RecordFlags, recordOptions } from './record.ts';

/** What `act` was given beside the common flags. */
export type ActFlags = CommonFlags &
  RecordFlags & {
    words: string[];
    yes: boolean;
    dryRun: boolean;
    sudoers: boolean;
    confirm?: string;
    restoreAfter?: string;
  };

/** How often a state that changes under the plan is planned for anew. */
const ROUNDS = 3;
/** Between two progress lines while nothing else happens, ms. */
const STILL = 2000;

/** `haconsole act`: does one thing to one node, as the console's keys do, and verifies it. Resolves to the exit status. */
export const actCommand = async (flags: ActFlags, io: Io): Promise<number> => {
  const refuse = (sentence: string): number => {
    io.stderr.write(`haconsole act: ${visibleText(sentence)}\n`);
    return 2;
  };
  const config = await clusterOf(flags, io);
  if (flags.sudoers) {
    const own = await loadOwnDrills(config.file);
    const user = io.env.USER ?? io.author.split('@')[0] ?? 'ops';
    io.stdout.write(sudoersFile(config, user, drillNeeds(config, own)));
    return 0;
  }
  const restoreAfter = flags.restoreAfter === undefined ? undefined : durationMs(flags.restoreAfter) / 1000;
  if (restoreAfter !== undefined && !isRestorable(restoreAfter))
    return refuse(
      `--restore-after takes whole seconds from 5s to 168h (30s, 5m), not "${shown(flags.restoreAfter ?? '')}"`,
    );
  const named = parseAction(flags.words, toTopology(config, flags));
  // What the cluster file does not name may be found on the nodes.
  const isComplete = config.vips.length > 0 && config.nodes.some((node) => node.role === 'web');
  if ('error' in named && (isComplete || flags.words.length !== 2)) return refuse(named.error);
  // Where nothing is done there is nothing to keep, unless it was asked for.
  const idle = flags.dryRun || flags.readOnly;
  const record =
    idle && flags.record === undefined ? undefined : recordOptions(flags, io, { why: 'act', cluster: config.name });
  const session = openHeadless(config, flags, io, { record });
  const stopTelling = tellProgress(session, io);
  // ctrl-c leaves at once, also while a command runs: what became of it is then unknown, and that is said.
  io.signal.addEventListener('abort', () => void session.stop(), { once: true });
  try {
    // Read-only is refused whatever the state is.
    if (!flags.readOnly) {
      const node = 'error' in named ? undefined : named.node;
      await firstPicture(session, node, { config, signal: io.signal });
    }
    const action = 'error' in named ? parseAction(flags.words, session.state().topology) : named;
    if ('error' in action) return refuse(action.error);
    const { end, plan } = await act(session, { config, action, restoreAfter, flags, io });
    stopTelling();
    if (flags.json) {
      const report = actReport({
        cluster: config.name,
        action,
        plan,
        end,
        ran: session.state().commands,
        restoreAfter,
      });
      io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else io.stdout.write(`${visibleText(`${actionText(action)}: ${endText(end)}`, 2000)}\n`);
    return ACT_STATUS[end.step];
  } finally {
    stopTelling();
    await endSession(session, io);
  }
};

const isRestorable = (seconds: number): boolean =>
  Number.isInteger(seconds) && seconds >= RESTORE_LIMITS.least && seconds <= RESTORE_LIMITS.most;

type Task = { config: ClusterConfig; action: Action; restoreAfter: number | undefined; flags: ActFlags; io: Io };

const act = async (session: LiveSession, task: Task): Promise<{ end: ActEnd; plan?: Plan }> => {
  const { config, action, restoreAfter, flags, io } = task;
  const options = restoreAfter === undefined ? {} : { restoreAfter };
  const planned = await session.plan(action, options);
  io.signal.throwIfAborted();
  if (!planned.ok && 'refusal' in planned) return { end: { step: 'refused', refusal: planned.refusal } };
  if (!planned.ok) return { end: { step: 'failed', failure: planned.failure } };
  let { plan } = planned;
  for (let round = 0; round < ROUNDS; round++) {
    io.stderr.write(planText(plan, config));
    if (flags.dryRun) return { end: { step: 'dry-run' }, plan };
    const refusal = isConfirmed(plan, config, flags) ? undefined : await ask(plan, config, flags, io);
    if (refusal !== undefined) return { end: { step: 'refused', refusal: { reason: 'risk', text: refusal } }, plan };
    const end = await session.perform(plan, wordOf(plan));
    if (end.step !== 'changed') return { end, plan };
    io.stderr.write('the state has changed meanwhile; planned anew:\n');
    plan = end.plan;
  }
  const text = 'the state changed again and again while it was planned';
  return { end: { step: 'refused', refusal: { reason: 'changed', text } }, plan };
};

const wordOf = ({ confirmation }: Plan): string =>
  confirmation.kind === 'press' ? confirmation.key : confirmation.word;

/** Whether the flags stand for what a person would have to type. */
export const isConfirmed = (
  plan: Plan,
  config: Pick<ClusterConfig, 'name' | 'protected'>,
  { yes, confirm }: Pick<ActFlags, 'yes' | 'confirm'>,
): boolean => {
  if (confirm === config.name) return true;
  // Somebody who names another node meant another node, whatever else is given.
  if (confirm !== undefined && confirm !== plan.action.node) return false;
  if (plan.risk.step === 4) return false;
  if (confirm === plan.action.node) return true;
  return yes && plan.risk.step <= 2 && !config.protected;
};

/** Which flag would confirm it. */
const flagFor = (plan: Plan, config: ClusterConfig): string =>
  plan.risk.step === 4
    ? `--confirm ${config.name}`
    : plan.risk.step === 3 || config.protected
      ? `--confirm ${plan.action.node}`
      : '--yes';

/** Asks at a terminal; elsewhere, or for another word than the right one, it says what was missing. */
const ask = async (plan: Plan, config: ClusterConfig, flags: ActFlags, io: Io): Promise<string | undefined> => {
  const flag = flagFor(plan, config);
  if (flags.confirm !== undefined && flags.confirm !== plan.action.node)
    return `not confirmed: this is about ${plan.action.node}, not ${shown(flags.confirm)}; it needs ${flag}`;
  if (flags.yes || flags.confirm !== undefined || !io.stdin.isTTY) return `not confirmed: this needs ${flag}`;
  const word = wordOf(plan);
  return (await askWord(io, `type ${word} to do it: `, word)) ? undefined : 'not confirmed';
};

const SIGNS = { info: ' ', warn: '!', bad: '!!' } as const;

const planText = (plan: Plan, config: ClusterConfig): string =>
  [
    `${actionText(plan.action)} (${config.name})`,
    ...plan.risk.lines.map(({ severity, text }) => `  ${SIGNS[severity].padEnd(2)} ${text}`),
    ...plan.commands.map((command) => `  ${plan.action.node}$ ${command}`),
  ]
    .map((line) => `${visibleText(line, 1000)}\n`)
    .join('');

const progressText = (phase: ActionPhase): string | undefined => {
  if (phase.step === 'executing') return phase.command;
  if (phase.step === 'verifying') return `awaited: ${phase.awaited} (at most ${Math.ceil(phase.budget / 1000)} s)`;
  return undefined;
};

/** Progress of the action as lines on stderr, with the seconds since it was confirmed. Returns what ends it. */
const tellProgress = (session: LiveSession, io: Io): (() => void) => {
  let began: number | undefined;
  let last = '';
  let running = false;
  const say = (text: string) =>
    io.stderr.write(
      `${((performance.now() - (began ?? 0)) / 1000).toFixed(1).padStart(6)} s  ${visibleText(text, 500)}\n`,
    );
  const stop = session.onEvent((event) => {
    if (event.kind !== 'action') return;
    began ??= performance.now();
    running = !isOver(event.phase);
    const text = progressText(event.phase);
    if (text === undefined) return;
    last = text;
    say(text);
    timer.refresh();
  });
  const timer = setInterval(() => running && last !== '' && say(`still: ${last}`), STILL);
  return () => {
    clearInterval(timer);
    stop();
  };
};
