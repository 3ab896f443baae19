import type { Refusal, RiskLine } from '../cluster/action.ts';
import type { Reading } from '../cluster/failure.ts';
import type { NodeView } from '../cluster/state.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { Remote } from '../ssh/remote.ts';
import { type Asked, ask, lastLine } from './ask.ts';
import { type ConfigMessage, configMessages } from './config-messages.ts';

/** What keepalived reads where its unit does not say otherwise. */
export const CONFIGURATION = '/etc/keepalived/keepalived.conf';

/** How a file is tested: it is read, and the scripts in it are looked at; nothing is run (2.0.5 and later). */
export const testCommand = (file = CONFIGURATION): string[] => ['keepalived', '-t', '-f', file];

/** The file that keepalived of a node was started with, by the command line of its main process; undefined where that cannot be told. */
export const runningFile = (node: NodeView): string | undefined => {
  const { unit, processes } = node.services.keepalived ?? {};
  const command = processes?.value?.find((one) => one.pid === unit?.value?.mainPid)?.command;
  const given = / (?:-f ?|--use-file[ =])(\S+)/.exec(command ?? '')?.[1];
  if (given === undefined) return CONFIGURATION;
  return /^\/[\w./@+-]{1,190}$/.test(given) ? given : undefined;
};

/** What a reading of the file says. `unread`: it could not be made, so the reload may end keepalived. */
export type ReloadCheck = { ok: true; lines: RiskLine[]; unread: boolean } | { ok: false; refusal: Refusal };

/** keepalived reads a file in a few ms; a name in it may have to be looked up. */
const PATIENCE = 10_000;
/** Messages that are shown. */
const SHOWN = 3;

/** Makes keepalived read its file on the node, with `prefix` as what makes it root. Nothing is reloaded. */
export const checkReload = async (
  remote: Remote,
  { prefix, file, signal }: { prefix: readonly string[]; file: string | undefined; signal: AbortSignal },
): Promise<ReloadCheck> =>
  file === undefined
    ? unread('which file keepalived was started with is not known')
    : judgeReload(
        await ask(remote, [...prefix, ...testCommand(file)], { signal, timeout: PATIENCE }),
        remote.name,
        file,
      );

const unread = (why: string): ReloadCheck => ({
  ok: true,
  unread: true,
  lines: [
    {
      severity: 'bad',
      text: `The file could not be read beforehand (${why}): if it is broken, the reload ends keepalived.`,
    },
  ],
});

const listed = (messages: ConfigMessage[]): string =>
  messages
    .slice(0, SHOWN)
    .map(({ text }) => text)
    .join('; ') + (messages.length > SHOWN ? `; and ${messages.length - SHOWN} more` : '');

/** Judges what `keepalived -t` said. Whatever is not known to be harmless stands in the way. */
export const judgeReload = (answer: Reading<Asked>, node: string, path = CONFIGURATION): ReloadCheck => {
  if (!answer.ok) return unread(answer.failure.found);
  const { code, stdout, stderr } = answer.value;
  const said = `${stdout}\n${stderr}`.trim();
  if (code === 127 || /^sudo: /m.test(said)) return unread(lastLine(said) || 'keepalived was not found');
  // Before 2.0.4 there is no -t: 1.3.5 says so and ends with 0.
  if (/invalid option|unrecognized option|Unknown option/i.test(said)) return unread('this keepalived has no -t');
  if (/Unable to read configuration file|No config files matched/i.test(said)) return unread(lastLine(said));
  const messages = configMessages(said.replace(/^Segmentation fault.*$/m, ''));
  const crashed = code === null || code > 128;
  const fatal = messages.filter((one) => one.weight === 'fatal');
  const leftOut = messages.filter((one) => one.weight === 'left-out');
  const refuse = (text: string): ReloadCheck => ({
    ok: false,
    refusal: { reason: 'risk', text: visibleText(text, 800) },
  });
  const file = `${path} on ${node}`;
  if (crashed)
    return refuse(`keepalived crashes when it reads ${file}, and would leave its VIPs behind: ${listed(messages)}`);
  if (fatal.length > 0)
    return refuse(`a reload would end keepalived and leave its VIPs behind, ${file} is broken: ${listed(fatal)}`);
  if (leftOut.length > 0) return refuse(`keepalived would not take all of ${file}: ${listed(leftOut)}`);
  if (messages.length === 0 && code !== 0) return unread(`keepalived -t ended with ${code} and said nothing`);
  const harmless = messages.length > 0 ? `, with harmless messages (${listed(messages)})` : '';
  return {
    ok: true,
    unread: false,
    lines: [
      { severity: 'info', text: `keepalived -t reads ${path === CONFIGURATION ? 'the file' : path}${harmless}.` },
    ],
  };
};
