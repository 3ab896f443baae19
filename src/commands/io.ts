/** What a command may touch of the process; handed down from the entry, so that commands can be tested. */
export type Io = {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  env: Record<string, string | undefined>;
  cwd: string;
  home: string;
  /** `user@host` of who sits here, for notes. */
  author: string;
  /** Fires on SIGINT, SIGTERM and SIGHUP. */
  signal: AbortSignal;
  /** What a second such signal does instead of ending the process at once; a third one always ends it. */
  onAgain?: (heed: () => void) => void;
};

/** Flags or arguments that cannot be meant; said in one sentence, exit status 2. */
export class UsageError extends Error {}

/** Flags every command understands, as they were given. */
export type CommonFlags = {
  config?: string;
  jump?: string;
  via?: 'jump' | 'direct';
  interval?: string;
  timeout?: string;
  readOnly: boolean;
  json: boolean;
  color: boolean;
  ascii: boolean;
};

/** Whether both ends are a terminal that can be drawn on. */
export const isTerminal = (io: Io): boolean =>
  Boolean(io.stdin.isTTY && io.stdout.isTTY) && io.env.TERM !== 'dumb' && io.env.TERM !== '';

/** How the screen is to look on this terminal. */
export const looksOf = (flags: Pick<CommonFlags, 'ascii' | 'color'>, io: Io): { ascii: boolean; color: boolean } => {
  const utf8 = /utf-?8/i.test(io.env.LC_ALL || io.env.LC_CTYPE || io.env.LANG || '');
  return { ascii: flags.ascii || !utf8, color: flags.color && !io.env.NO_COLOR };
};
