/** Where in the cluster file something stands; 1-based. */
export type Position = { line: number; column: number };

/** What is wrong with the cluster file, in the terms every message has. */
export type Complaint = {
  /** As the user named it; absent when no file was found or the fault is in an option. */
  file?: string;
  position?: Position;
  /** Field path such as `loadBalancers[0].address`; empty for the file as a whole. */
  field: string;
  found: string;
  expected: string;
  /** What to do, one clause. */
  advice?: string;
};

const MAX_SHOWN = 60;

/** Makes control, bidirectional and line-separator characters visible and bounds the length, so that file text is safe to print. */
export const shown = (text: string, max = MAX_SHOWN): string => {
  const short = text.length > max ? `${text.slice(0, max)}…` : text;
  return short.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
};

/** What was found, in words: a value of the cluster file as a person would name it. */
export const describeValue = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (typeof value === 'string') return value === '' ? 'an empty text' : `"${shown(value)}"`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  return shown(String(value));
};

const sentence = ({ file, position, field, found, expected, advice }: Complaint): string => {
  const where = [file && shown(file, 300), position?.line, position?.column].filter((part) => part !== undefined);
  const head = [where.join(':'), shown(field, 120)].filter((part) => part !== '');
  return `${head.join(': ')}${head.length > 0 ? ': ' : ''}expected ${expected}, found ${found}${advice ? ` (${advice})` : ''}.`;
};

/** The one clear error about the cluster file; `message` is the sentence to print, free of control characters. */
export class ConfigError extends Error {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly field: string;
  readonly found: string;
  readonly expected: string;

  constructor(complaint: Complaint) {
    super(sentence(complaint));
    this.name = 'ConfigError';
    this.file = complaint.file;
    this.line = complaint.position?.line;
    this.column = complaint.position?.column;
    this.field = complaint.field;
    this.found = complaint.found;
    this.expected = complaint.expected;
  }
}
