import { connect } from 'node:net';

/** One key that an SSH agent holds: its public blob and its comment. Certificates and FIDO keys are among them. */
export type AgentKey = { type: string; blob: Buffer; comment: string };

const requestIdentities = 11;
const identitiesAnswer = 12;

/**
 * Lists the keys of an agent (draft-miller-ssh-agent, section 4.4). ssh2's own listing silently drops certificates and FIDO keys, and we have
 * to know about those. Null when no agent answers within `ms`.
 */
export const listAgentKeys = (socketPath: string, ms = 2_000): Promise<AgentKey[] | null> =>
  new Promise((resolve) => {
    const socket = connect(socketPath);
    let received = Buffer.alloc(0);
    const finish = (keys: AgentKey[] | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(keys);
    };
    const timer = setTimeout(() => finish(null), ms);
    socket.on('connect', () => socket.write(Buffer.from([0, 0, 0, 1, requestIdentities])));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4) return;
      const length = received.readUInt32BE(0);
      if (length > 1 << 20) finish(null);
      else if (received.length >= 4 + length) finish(parseAnswer(received.subarray(4, 4 + length)));
    });
    socket.on('error', () => finish(null));
    socket.on('close', () => finish(null));
  });

const parseAnswer = (answer: Buffer): AgentKey[] | null => {
  try {
    if (answer[0] !== identitiesAnswer) return null;
    let at = 5;
    const take = (): Buffer => {
      const length = answer.readUInt32BE(at);
      if (at + 4 + length > answer.length) throw new RangeError('short answer');
      const field = answer.subarray(at + 4, at + 4 + length);
      at += 4 + length;
      return field;
    };
    return Array.from({ length: Math.min(answer.readUInt32BE(1), 1_000) }, () => {
      const blob = Buffer.from(take());
      const comment = take().toString('utf8');
      return { type: blob.toString('latin1', 4, 4 + blob.readUInt32BE(0)), blob, comment };
    });
  } catch {
    return null;
  }
};
