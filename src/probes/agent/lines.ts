/** A longer line is cut; the rest up to its end is dropped. */
export const LONGEST_LINE = 16 * 1024;

/**
 * Cuts bytes into lines and hands each over without its end. Split characters and split lines are put together; bytes that
 * are no UTF-8 become U+FFFD; a line without end never takes more than `longest` bytes.
 */
export const lineSplitter = (onLine: (line: string) => void, longest = LONGEST_LINE): ((chunk: Buffer) => void) => {
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (bytes: Buffer) => {
    const taken = bytes.subarray(0, Math.max(0, longest - size));
    if (taken.length > 0) parts.push(taken);
    size += taken.length;
  };
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
      parts = [];
      size = 0;
      start = end + 1;
      onLine(line);
    }
    keep(chunk.subarray(start));
  };
};
