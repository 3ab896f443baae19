import type { Reply } from '../probes/agent/protocol.ts';

/** What one call on a node printed (stdout and stderr together) and its exit status. */
export type Answer = { rc: number; text: string };

/** The answer to a call by its key; undefined where it has not ended in time. */
export type Answers = (key: string) => Answer | undefined;

/** The answers in what the agent on a node replied. */
export const answersIn =
  (reply: Reply): Answers =>
  (key) => {
    const section = reply.sections.get(key);
    return section?.rc === undefined ? undefined : { rc: section.rc, text: section.lines.join('\n') };
  };
