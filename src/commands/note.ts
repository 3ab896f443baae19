import { NOTE_LENGTH, noteLine } from '../actions/note.ts';
import { failureText } from '../cluster/failure.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { clusterOf } from './cluster.ts';
import { isConnected, openHeadless, patienceOf, waitFor } from './headless.ts';
import type { CommonFlags, Io } from './io.ts';
import { endSession, type RecordFlags, recordOptions } from './record.ts';

/** What `note` was given beside the common flags. */
export type NoteFlags = CommonFlags & RecordFlags & { text: string; nodes: string[] };

/** What `note --json` prints: version 1. */
export type NoteReport = {
  schema: 'haconsole.note/1';
  cluster: string;
  exit: number;
  /** Why nothing was tried, in one sentence; null where it was. */
  refusal: string | null;
  notes: { node: string; written: boolean; error: string | null }[];
};

/**
 * `haconsole note`: appends one line to the check log of the named load balancers (default: of all). Exit status 0 written
 * everywhere, 2 refused (nothing was written), 3 not written somewhere.
 */
export const noteCommand = async (flags: NoteFlags, io: Io): Promise<number> => {
  const config = await clusterOf(flags, io);
  const balancers = config.nodes.filter((node) => node.role === 'lb').map((node) => node.name);
  const odd = flags.nodes.find((name) => !balancers.includes(name));
  const length = [...flags.text.trim()].length;
  const print = (report: Pick<NoteReport, 'exit' | 'refusal' | 'notes'>) =>
    io.stdout.write(`${JSON.stringify({ schema: 'haconsole.note/1', cluster: config.name, ...report }, null, 2)}\n`);
  const refusal =
    odd !== undefined
      ? `no load balancer is called ${odd}: there is ${balancers.join(', ') || 'none'}`
      : flags.readOnly
        ? 'read-only: nothing is written to the nodes'
        : noteLine(flags.text) === undefined
          ? length === 0
            ? 'a note needs a text'
            : length > NOTE_LENGTH
              ? `a note is one line of at most ${NOTE_LENGTH} characters, this one has ${length}`
              : `a note is one line of at most ${NOTE_LENGTH} characters; with its control signs made visible this one is longer`
          : undefined;
  if (refusal !== undefined) {
    io.stderr.write(`haconsole note: ${visibleText(refusal)}\n`);
    if (flags.json) print({ exit: 2, refusal: visibleText(refusal), notes: [] });
    return 2;
  }
  const nodes = flags.nodes.length > 0 ? [...new Set(flags.nodes)] : balancers;
  const session = openHeadless(config, flags, io, {
    record: recordOptions(flags, io, { why: 'note', cluster: config.name }),
  });
  try {
    await waitFor(session, (state) => isConnected(state, nodes), { ms: patienceOf(config), signal: io.signal });
    const outcomes = await session.note(flags.text, nodes);
    const exit = outcomes.every((one) => one.ok) ? 0 : 3;
    const notes = outcomes.map((one) => ({
      node: one.node,
      written: one.ok,
      error: one.ok ? null : visibleText(failureText(one.failure)),
    }));
    if (flags.json) print({ exit, refusal: null, notes });
    else
      for (const { node, error } of notes)
        io.stdout.write(`${node}: ${error === null ? 'written' : `not written, ${error}`}\n`);
    return exit;
  } finally {
    await endSession(session, io);
  }
};
