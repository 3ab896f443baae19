import type { Fact } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';
import type { StreamTag } from './agent/protocol.ts';
import { parseMonitorLine } from './parse/ip-monitor.ts';
import { isDumpEcho, parseJournalLine } from './parse/journal.ts';
import { parseVrrpMessage } from './parse/vrrp-message.ts';
import { plain } from './plain.ts';

type StreamName = Extract<Fact, { kind: 'stream' }>['stream'];

const NAMES: Record<StreamTag, StreamName> = { A: 'addresses', J: 'journal', L: 'check-log' };

const ADVICE: Record<StreamTag, string> = {
  A: 'address changes are seen by the next snapshot',
  J: 'add the user to group systemd-journal, or allow sudo -n journalctl',
  L: 'new lines are seen by the next snapshot',
};

/** journalctl shows a user without the right only his own messages, or none, and ends well: that is not "no events". */
const UNREADABLE =
  /insufficient permissions|not seeing messages from other users|password is required|not in the sudoers|not allowed to execute/i;

/** Where pushed lines go. */
export type PushedOptions = {
  node: string;
  emit: (fact: Fact) => void;
  /** Look at once: an address came or went. */
  onAddress: () => void;
  /** keepalived told of a state change. */
  onTransition: () => void;
};

/**
 * Turns pushed lines into facts, and lines that are none into the reason why a stream is unreadable. Says of each stream once
 * that it can be read, and once that it cannot.
 */
export const createPushed = ({ node, emit, onAddress, onTransition }: PushedOptions) => {
  const said = new Map<StreamTag, 'good' | 'bad'>();
  const complaints = new Map<StreamTag, string>();

  const good = (tag: StreamTag) => {
    if (said.has(tag)) return;
    said.set(tag, 'good');
    emit({ kind: 'stream', node, stream: NAMES[tag], reading: { ok: true, value: true } });
  };
  const bad = (tag: StreamTag, step: Failure['step'], found: string) => {
    if (said.get(tag) === 'bad') return;
    said.set(tag, 'bad');
    const failure: Failure = { step, hop: node, found, advice: ADVICE[tag], blame: 'target' };
    emit({ kind: 'stream', node, stream: NAMES[tag], reading: { ok: false, failure } });
  };

  const address = (text: string): boolean => {
    const change = parseMonitorLine(text);
    if (!change) return false;
    emit({ kind: 'address', node, op: change.op, address: change.address.address, ifname: change.address.ifname });
    onAddress();
    return true;
  };
  const journal = (text: string): boolean => {
    const entry = parseJournalLine(text);
    if (!entry.ok) return false;
    const { unit, message, nodeTime } = entry.value;
    if (isDumpEcho(message)) return true;
    emit({ kind: 'journal', node, unit, message, nodeTime });
    if (parseVrrpMessage(message)) onTransition();
    return true;
  };

  return {
    line: (tag: StreamTag, text: string): void => {
      if (tag === 'L') {
        good(tag);
        emit({ kind: 'check-log', node, line: text.slice(0, 1000) });
        return;
      }
      if (tag === 'A' ? address(text) : journal(text)) {
        good(tag);
        return;
      }
      complaints.set(tag, plain(text, 160));
      if (tag === 'J' && UNREADABLE.test(text))
        bad(tag, 'permission', `the journal cannot be read: ${plain(text, 120)}`);
      // ip monitor that could not keep up: what was lost is in the next look.
      if (tag === 'A') onAddress();
    },
    end: (tag: StreamTag, rc: number): boolean => {
      const lived = said.get(tag) === 'good';
      bad(tag, 'command', complaints.get(tag) ?? `ended with status ${rc}`);
      return lived;
    },
    /** The streams have had time to complain: those that did not are readable. */
    settled: (tags: StreamTag[]): void => {
      for (const tag of tags) good(tag);
    },
    /** The agent is gone, and its streams with it. */
    gone: (tags: StreamTag[], failure: Failure): void => {
      for (const tag of tags)
        if (said.get(tag) !== 'bad')
          emit({ kind: 'stream', node, stream: NAMES[tag], reading: { ok: false, failure } });
      said.clear();
      complaints.clear();
    },
  };
};
