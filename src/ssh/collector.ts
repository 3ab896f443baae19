/** Bytes of stdout kept when nothing else is asked for. */
export const defaultMaxBytes = 1 << 20;
/** Bytes of stderr kept. */
export const maxStderr = 64 << 10;

/** Keeps the first `limit` bytes of an output. */
export const collector = (limit: number) => {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    /** False when there was more than fits. */
    add(chunk: Buffer): boolean {
      if (size < limit) chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
      return size <= limit;
    },
    full: () => size > limit,
    /** As UTF-8; what is not becomes U+FFFD. */
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
};
