import { deflateRaw, inflateRawSync } from 'node:zlib';
import type { State } from '../cluster/state.ts';
import { packed, unpacked } from './columns.ts';
import { redacted } from './redact.ts';

/** The reducer tells the first verdict by its being the very stamp of the start; where it only looks like it, that is said. */
const marked = (state: State): State & { judged?: true } => {
  const { started, verdict } = state;
  const alike = verdict.since.mono === started.mono && verdict.since.wall === started.wall;
  return alike && verdict.since !== started ? { ...state, judged: true } : state;
};

/** A state as text for a key line: base64 of its deflated JSON, long lists as columns. Compressed off the main thread. */
export const encodeState = (state: State): Promise<string> =>
  new Promise((resolve, reject) => {
    deflateRaw(redacted(JSON.stringify(packed(marked(state)))), { level: 9 }, (error, bytes) =>
      error ? reject(error) : resolve(bytes.toString('base64')),
    );
  });

/** Bytes a state may inflate to: far more than a state can have, far less than would hurt. */
const LIMIT = 64 * 1024 * 1024;

/** The JSON of a state of a key line. Throws where it is none. */
export const stateText = (text: string): string =>
  inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: LIMIT }).toString('utf8');

/** The state of a key line. Throws where it is none. */
export const decodeState = (text: string): State => {
  const { judged, ...state } = unpacked(JSON.parse(stateText(text))) as State & { judged?: true };
  const { since } = state.verdict;
  if (!judged && since.mono === state.started.mono && since.wall === state.started.wall)
    state.verdict.since = state.started;
  return state;
};
