const known: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'no permission to write there',
  EPERM: 'no permission to write there',
  EEXIST: 'the file exists already',
  ENOTDIR: 'a part of its path is no directory',
  ENOENT: 'the directory is gone',
  EIO: 'the disk reports an error',
};

/** What is wrong with a disk, in words, without the path that everybody knows. */
export const diskWords = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && known[code]) ?? String(message ?? error).slice(0, 200);
};
