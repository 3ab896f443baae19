import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';
import { visibleText } from '../cluster/visible-text.ts';
import { messageOf } from './failures.ts';
import { type Identities, type Identity, openIdentity } from './identities.ts';
import type { KeyRing } from './key-ring.ts';
import type { Prompts } from './prompts.ts';
import type { HostSettings } from './ssh-config.ts';

/** What the server said to the last attempt: the methods that may go on, when it has told them. */
type Reply = { left: string[] | null };

/** What happened during a login, for the Failure when it comes to nothing. */
export type LoginStory = {
  /** Labels of the keys offered. */
  offered: string[];
  /** What a person was asked and did not answer. */
  unanswered?: string;
  /** True while a person is thinking: the server's silence does not count then. */
  asking: boolean;
  methods: string[] | null;
};

export type LoginContext = {
  settings: HostSettings;
  identities: Identities;
  ring: KeyRing;
  prompts: Prompts;
  signal: AbortSignal;
  story: LoginStory;
  /** Called when a person has answered: from now on it is the server's turn again. */
  answered(): void;
};

const interactiveTries = 3;
const maxQuestions = 10;

/**
 * The order of attempts of one login: keys one by one, then keyboard-interactive, then password. One key per attempt,
 * because ssh2 does not tell a partial success (key, then one-time code) from a refusal while it walks through an
 * agent: a key that was signed for and still brought us back here was taken, and the server wants more.
 */
export async function* loginAttempts(context: LoginContext): AsyncGenerator<AnyAuthMethod, void, Reply> {
  const { settings, identities, story } = context;
  const username = settings.user;
  const keys = [...identities.usable];
  const sealed = [...identities.sealed];
  const tries = { interactive: 0, password: 0 };
  let left: string[] | null = null;
  let moreWanted = false;
  const allowed = (method: string): boolean => left === null || left.includes(method);
  const note = (reply: Reply) => {
    left = reply.left ?? left;
    story.methods = left;
  };
  if (keys.length === 0 && sealed.length === 0) note(yield { type: 'none', username });
  while (!context.signal.aborted && story.unanswered === undefined) {
    const key = !moreWanted && allowed('publickey') ? (keys.shift() ?? (await unseal(sealed, context))) : undefined;
    if (key) {
      const agent = new OneKeyAgent(key, context);
      story.offered.push(key.label);
      note(yield { type: 'agent', username, agent });
      moreWanted = agent.signed;
    } else if (allowed('keyboard-interactive') && tries.interactive < interactiveTries) {
      tries.interactive++;
      moreWanted = false;
      note(yield { type: 'keyboard-interactive', username, prompt: answerFor(context) });
    } else if (left !== null && allowed('password') && tries.password < interactiveTries) {
      tries.password++;
      moreWanted = false;
      const question = { text: `${username}@${settings.host}'s password: `, echo: false };
      const answers = await ask(context, 'Password', tries.password > 1 ? 'The password was refused.' : '', [question]);
      if (answers) note(yield { type: 'password', username, password: answers[0] ?? '' });
    } else if (moreWanted) moreWanted = false;
    else return;
  }
}

const unseal = async (sealed: Identities['sealed'], context: LoginContext): Promise<Identity | undefined> => {
  for (let next = sealed.shift(); next; next = sealed.shift()) {
    const { file, text } = next;
    const key = await whileAsking(context, () =>
      context.ring.unlock(file, text, context.settings.name, context.signal),
    );
    if (key) return openIdentity(file, key);
  }
  return undefined;
};

const whileAsking = async <T>(context: LoginContext, question: () => Promise<T>): Promise<T> => {
  context.story.asking = true;
  try {
    return await question();
  } finally {
    context.story.asking = false;
    context.answered();
  }
};

const ask = async (
  context: LoginContext,
  title: string,
  instruction: string,
  questions: { text: string; echo: boolean }[],
): Promise<string[] | null> => {
  const prompt = { kind: 'questions', hop: context.settings.name, title, instruction, questions } as const;
  const answers = await whileAsking(context, () => context.prompts.ask(prompt, context.signal));
  if (answers === null) context.story.unanswered = questions[0]?.text.trim() ?? title;
  return answers;
};

type Question = { prompt: string; echo?: boolean };

const answerFor =
  (context: LoginContext) =>
  (
    name: string,
    instructions: string,
    _lang: string,
    prompts: Question[],
    finish: (answers: string[]) => void,
  ): void => {
    const questions = prompts
      .slice(0, maxQuestions)
      .map(({ prompt, echo }) => ({ text: visibleText(prompt, 200), echo: echo === true }));
    void ask(context, visibleText(name, 200), visibleText(instructions, 500), questions).then((answers) => {
      if (context.signal.aborted) return;
      // An empty answer is a refusal to the server; the story remembers that nobody answered.
      finish(prompts.map((_, index) => answers?.[index] ?? ''));
    });
  };

/** Offers one key, and signs through the agent or after a passphrase, which ssh2's own key path cannot wait for. */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  signed = false;
  readonly #identity: Identity;
  readonly #context: LoginContext;

  constructor(identity: Identity, context: LoginContext) {
    super();
    this.#identity = identity;
    this.#context = context;
  }

  override getIdentities(callback: (error: undefined, keys: ParsedKey[]) => void): void {
    callback(undefined, [this.#identity.publicKey]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: { hash?: string } | ((error?: Error | null, signature?: Buffer) => void),
    callback?: (error?: Error | null, signature?: Buffer) => void,
  ): void {
    const done = typeof options === 'function' ? options : callback;
    const hash = typeof options === 'function' ? undefined : options.hash;
    whileAsking(this.#context, () => this.#identity.sign(data, hash, this.#context.signal)).then(
      (signature) => {
        this.signed = true;
        done?.(null, signature);
      },
      (error: unknown) => {
        const refused = /passphrase/.test(messageOf(error));
        if (refused) this.#context.story.unanswered = messageOf(error);
        done?.(error instanceof Error ? error : new Error(messageOf(error)));
      },
    );
  }
}
