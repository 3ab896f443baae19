/** One shell word, quoted for sh so that nothing in it is expanded; plain words stay readable. Refuses NUL. */
export const quote = (word: string): string => {
  if (word.includes('\0')) throw new Error('a shell word cannot hold a NUL byte');
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
};
