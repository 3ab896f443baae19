/** Signs of the text that says who armed a restore timer and when: always as many, so that a sudoers line can allow it without a `*`. */
export const BY_LENGTH = 48;

/** Who arms a timer and since when, as one word of `BY_LENGTH` signs: `ops@laptop:20261123T184248Z....`. `wall`: ms since the epoch. */
export const writeBy = (author: string, wall: number): string => {
  const time = new Date(wall).toISOString().replace(/[-:]|\.\d+/g, '');
  const who = author.replace(/[^A-Za-z0-9@._-]/g, '_').slice(0, BY_LENGTH - time.length - 1);
  return `${who}:${time}`.padEnd(BY_LENGTH, '.');
};

/** The same for people: `ops@laptop, 2026-11-23 18:42:48 UTC`. Another text stays as it is. */
export const readBy = (text: string): string => {
  const [, who, ...time] = /^(.*):(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.*$/.exec(text) ?? [];
  return who === undefined ? text : `${who}, ${time.slice(0, 3).join('-')} ${time.slice(3).join(':')} UTC`;
};
