/**
 * One step of a login that was passed, and how long it took (ms). `login` stands for all of them where the system's ssh did it;
 * `detail` is what came of the step, already free of control characters.
 */
export type TraceEvent = {
  /** Name of the hop or node, as in failures. */
  host: string;
  step: 'name' | 'tcp' | 'host-key' | 'auth' | 'login';
  ms: number;
  detail: string;
};

/** Told about every passed step of every login; used by doctor. It must not throw. */
export type Trace = (event: TraceEvent) => void;
