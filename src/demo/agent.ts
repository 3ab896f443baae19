import { wordsOf } from './shell.ts';
import { follow, runTool } from './tools/table.ts';
import type { ToolContext } from './tools/tool.ts';

/** The bootstrap command: read a script of so many bytes from stdin, and be it. */
const BOOTSTRAP =
  /^exec \/bin\/sh -c 'eval "\$\(\{ dd bs=(\d+) count=1 iflag=fullblock \|\| dd bs=1 count=\1; \} 2>\/dev\/null\)"'$/;

/** Length in bytes of the script that this command line reads first, if it is the bootstrap of an agent. */
export const bootstrapLength = (command: string): number | undefined => {
  const found = BOOTSTRAP.exec(command);
  return found ? Number(found[1]) : undefined;
};

/** What an agent's script asks for: the tool calls of each operation, and what it follows. */
export type AgentPlan = {
  operations: Map<string, { key: string; words: string[] }[]>;
  streams: { stream: string; words: string[] }[];
};

/** Reads the tool calls out of the script's text: `op_NAME() {` blocks of `run KEY words…`, and `follow STREAM words…`. */
export const readAgentScript = (script: string): AgentPlan => {
  const plan: AgentPlan = { operations: new Map([['ping', []]]), streams: [] };
  let current: { key: string; words: string[] }[] | undefined;
  for (const line of script.split('\n')) {
    const block = /^op_(\w+)\(\) \{$/.exec(line)?.[1];
    const call = /^\s*run (\w+) (.+)$/.exec(line);
    const stream = /^follow ([AJL]) (.+)$/.exec(line);
    if (block) {
      current = [];
      plan.operations.set(block, current);
    } else if (line === '}') current = undefined;
    else if (call && current) current.push({ key: call[1]!, words: wordsOf(call[2]!) });
    else if (stream) plan.streams.push({ stream: stream[1]!, words: wordsOf(stream[2]!) });
  }
  return plan;
};

/** Longest piece of one line; the pieces before the last carry the tag in lower case. */
const PIECE = 3000;

const tagged = (tag: string, partTag: string, line: string): string => {
  let text = '';
  let rest = line;
  for (; rest.length > PIECE; rest = rest.slice(PIECE)) text += `${partTag} ${rest.slice(0, PIECE)}\n`;
  return `${text}${tag} ${rest}\n`;
};

const withoutPassword = (line: string): string => {
  const at = line.indexOf('auth_pass');
  return at < 0 ? line : `${line.slice(0, at)}auth_pass -${line.slice(at).includes('}') ? ' }' : ''}`;
};

/** The agent's own `sudo`: a real one only where the account may not read the thing itself. */
const withoutSudo = ({ machine }: ToolContext, words: string[]): string[] => {
  if (words[0] !== 'sudo') return words;
  const [command = '', ...args] = words.slice(2);
  const readable = Number(machine.files.get(args.at(-1) ?? '')?.mode.at(-1) ?? 0) >= 4;
  const needless =
    (command === 'journalctl' && machine.rights.journal) || command === 'find' || (command === 'head' && readable);
  return needless ? [command, ...args] : words;
};

/** A running agent: give it its requests line by line, and end it. */
export type Agent = { request(line: string): void; end(): void };

/** Speaks the agent's line protocol over `write`, with the machine's modelled tools behind it. */
export const startAgent = (
  login: ToolContext,
  script: string,
  write: (text: string) => void,
  exit: () => void,
): Agent => {
  // Its script runs under /bin/sh with the folders of root's programs in its PATH.
  const context: ToolContext = { ...login, sbin: true, shell: 'sh' };
  const plan = readAgentScript(script);
  const { clock } = context.machine;
  const now = (): string => ((clock.wall() + context.machine.system.clock) / 1000).toFixed(9);
  const uptime = (): string => context.machine.files.get('/proc/uptime')?.content.split(' ')[0] ?? '';
  let over = false;
  const say = (text: string): void => {
    if (!over) write(text);
  };
  say(`H ${now()} 1\n`);

  const endings = plan.streams.map(({ stream, words }) => {
    const part = stream.toLowerCase();
    return follow(
      context,
      withoutSudo(context, words),
      (line) => {
        if (line !== '') say(tagged(stream, part, line));
      },
      (code) => say(`X ${stream} ${code}\n`),
    );
  });

  const reply = async (op: string, id: string): Promise<void> => {
    let text = `T ${id} ${now()} ${uptime()}\n`;
    for (const { key, words } of plan.operations.get(op) ?? []) {
      const { stdout, stderr, code } = await runTool(context, withoutSudo(context, words));
      for (const line of `${stderr}${stdout}`.split('\n')) {
        if (line !== '') text += tagged(`S ${id} ${key}`, `s ${id} ${key}`, withoutPassword(line));
      }
      text += `R ${id} ${key} ${code}\n`;
    }
    say(`${text}E ${id}\n`);
  };
  const end = (): void => {
    if (over) return;
    over = true;
    for (const ending of endings) ending();
    exit();
  };
  // Requests are taken one after the other, but dumps and configuration run beside the snapshots.
  let turn = Promise.resolve();
  return {
    request: (line) => {
      const [op = '', id = ''] = line.trim().split(/\s+/);
      if (op === 'quit') end();
      else if (op === 'dump' || op === 'conf') void reply(op, id);
      else if (plan.operations.has(op)) turn = turn.then(() => reply(op, id));
    },
    end,
  };
};
