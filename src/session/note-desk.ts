import { noteLine, writeNote } from '../actions/note.ts';
import type { Fact } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';
import type { State } from '../cluster/state.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Network } from '../ssh/remote.ts';
import type { SessionRecord } from './record.ts';
import type { NoteOutcome } from './store.ts';

/** A note is short and its write is one line: longer than this something hangs, ms. */
const DEADLINE = 5000;

/** Writes notes: one line in the check log of each named node (default: every load balancer). Never rejects. */
export const createNoteDesk =
  (options: {
    config: Pick<ClusterConfig, 'checkLog' | 'ssh'>;
    network: Pick<Network, 'remote'>;
    /** `user@host`, as it stands in the note. */
    author: string;
    signal: AbortSignal;
    state(): State;
    dispatch(fact: Fact): void;
    record: Pick<SessionRecord, 'cleared'>;
  }) =>
  async (text: string, nodes?: readonly string[]): Promise<NoteOutcome[]> => {
    const { topology } = options.state();
    const line = noteLine(text);
    const unrecorded = await options.record.cleared();
    const names = nodes ?? topology.nodes.filter((node) => node.role === 'lb').map((node) => node.name);
    return Promise.all(
      names.map(async (node): Promise<NoteOutcome> => {
        const refusal = (found: string): Failure => ({ step: 'command', hop: node, found, blame: 'target' });
        const failure =
          line === undefined
            ? refusal('a note is one line of 1 to 500 characters')
            : unrecorded !== null
              ? refusal(unrecorded)
              : await writeNote(options.network.remote(node), {
                  line: `note by ${options.author}: ${line}`,
                  checkLog: options.config.checkLog,
                  sudo: options.config.ssh.sudo,
                  readOnly: topology.readOnly,
                  signal: AbortSignal.any([options.signal, AbortSignal.timeout(DEADLINE)]),
                });
        options.dispatch({
          kind: 'note',
          node,
          text: line ?? '',
          outcome: failure ? { ok: false, failure } : { ok: true },
        });
        return failure ? { node, ok: false, failure } : { node, ok: true };
      }),
    );
  };
