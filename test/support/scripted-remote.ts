import { type ExecResult, type Remote, RemoteError } from '../../src/ssh/remote.ts';

/** What a command line is answered with; an Error is thrown. */
export type Scripted = Partial<ExecResult> | RemoteError;

/** A node that answers the command lines of a table, the first pattern that fits, and fails on any other. `ran` keeps them all. */
export const scriptedRemote = (
  table: [RegExp, Scripted][],
  name = 'lb1',
): Remote & { ran: string[]; inputs: string[] } => {
  const ran: string[] = [];
  const inputs: string[] = [];
  return {
    name,
    ran,
    inputs,
    open: () => Promise.reject(new Error('no stream was expected')),
    exec: async (command, { input }) => {
      ran.push(command);
      if (input !== undefined) inputs.push(input);
      const answer = table.find(([pattern]) => pattern.test(command))?.[1];
      if (!answer) throw new Error(`nobody said what is answered to: ${command}`);
      if (answer instanceof RemoteError) throw answer;
      return { code: 0, stdout: '', stderr: '', truncated: false, ...answer };
    },
  };
};
