import { actionText } from '../../cluster/action-facts.ts';
import type { Event, Stamp } from '../../cluster/events.ts';
import { failureText } from '../../cluster/failure.ts';
import type { State } from '../../cluster/state.ts';

/** What a report tells of one action: what was asked, by whom, and how it ended. */
export type ActionReport = {
  id: number;
  at: Stamp;
  text: string;
  author: string;
  outcome: string;
  seen: string;
  /** ms from confirmation to the end; null: it had not ended. */
  ms: number | null;
};

export type CommandReport = {
  at: Stamp;
  node: string;
  command: string;
  code: number | null;
  ms: number;
  /** Last line of stderr, or why it did not run. */
  said: string;
};

export type NoteReport = { at: Stamp; text: string; nodes: string[]; failed: string[] };

/** Notes of the same words on several nodes within this time are one, ms. */
const SAME_NOTE = 10_000;

type View = State['actions'][number];

const endOf = (phase: View['phase']): { outcome: string; seen: string } => {
  switch (phase.step) {
    case 'done':
    case 'no-effect':
    case 'unknown':
      return { outcome: phase.step, seen: phase.seen };
    case 'refused':
      return { outcome: 'refused', seen: phase.refusal.text };
    case 'failed':
      return { outcome: 'failed', seen: failureText(phase.failure) };
    default:
      return { outcome: 'not ended', seen: '' };
  }
};

const actionReports = (actions: Iterable<{ view: View; at: Stamp }>): ActionReport[] =>
  [...actions].map(({ view, at }) => ({
    id: view.id,
    at,
    text: actionText(view.action),
    author: view.author,
    ...endOf(view.phase),
    ms: view.until === undefined ? null : view.until - view.from,
  }));

/** Follows what people did within a window (mono ms). */
export const trackDeeds = (span: { from: number; to: number }) => {
  const actions = new Map<number, { view: View; at: Stamp }>();
  const commands: CommandReport[] = [];
  const notes: NoteReport[] = [];

  const takeNote = (event: Extract<Event, { kind: 'note' }>) => {
    const known = notes.findLast((note) => note.text === event.text && event.at.mono - note.at.mono < SAME_NOTE);
    const note = known ?? { at: event.at, text: event.text, nodes: [], failed: [] };
    if (!known) notes.push(note);
    (event.outcome.ok ? note.nodes : note.failed).push(event.node);
  };
  const takeCommand = ({ at, node, command, result }: Extract<Event, { kind: 'command' }>) =>
    commands.push({
      at,
      node,
      command,
      code: result.ok ? result.code : null,
      ms: result.ms,
      said: result.ok ? result.stderr : failureText(result.failure),
    });

  return {
    take: (event: Event, before: State, after: State) => {
      if (after.actions !== before.actions)
        for (const view of after.actions)
          if ((view.until ?? span.to) >= span.from)
            actions.set(view.id, {
              view,
              at: { mono: view.from, wall: event.at.wall - Math.round(event.at.mono - view.from) },
            });
      if (event.kind === 'note') takeNote(event);
      if (event.kind === 'command') takeCommand(event);
    },
    report: () => ({ actions: actionReports(actions.values()), commands, notes }),
  };
};
