/** Which of keepalived's processes reads the file; each reads it anew and says what it does not like. */
export type Reader = 'parent' | 'checker' | 'vrrp' | 'bfd';

/** One complaint about a file. */
export type Finding = {
  reader: Reader;
  /** Number of the line; absent where the complaint is about the whole. */
  line?: number;
  text: string;
  /** Stands in the log only, and is no reason for a status other than 0. */
  logOnly?: true;
  /** The log, but not `keepalived -t`, says WARNING before it. */
  warning?: true;
};

/** As `keepalived -t -f FILE` prints it: the parent does not know the file's name yet. */
export const testText = ({ reader, line, text }: Finding, file: string): string =>
  line === undefined ? text : reader === 'parent' ? `(Line ${line}) ${text}` : `(${file}: Line ${line}) ${text}`;

/** As it stands in the journal. */
export const logText = (finding: Finding, file: string): string =>
  testText({ ...finding, text: `${finding.warning ? 'WARNING - ' : ''}${finding.text}` }, file);
