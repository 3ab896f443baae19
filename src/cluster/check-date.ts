/** A date as `date` wrote it: `local` is ms since the epoch as if its wall clock were UTC; `zone` as written, empty without one. */
export type WrittenDate = { local: number; zone: string };

/** A line of the check log, taken apart. */
export type DatedText = { date?: WrittenDate; text: string };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = new RegExp(`^(?:${MONTHS.join('|')})$`);

/** Minutes east of UTC of abbreviations that only one offset has in today's tz database. CST, IST and PST have several. */
const ZONES: Record<string, number> = {
  UTC: 0,
  UCT: 0,
  GMT: 0,
  WET: 0,
  Z: 0,
  WEST: 60,
  CET: 60,
  BST: 60,
  WAT: 60,
  CEST: 120,
  EET: 120,
  CAT: 120,
  SAST: 120,
  EEST: 180,
  MSK: 180,
  EAT: 180,
  PKT: 300,
  WIB: 420,
  HKT: 480,
  WITA: 480,
  AWST: 480,
  JST: 540,
  KST: 540,
  WIT: 540,
  ACST: 570,
  AEST: 600,
  ACDT: 630,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
  NDT: -150,
  NST: -210,
  ADT: -180,
  AST: -240,
  EDT: -240,
  EST: -300,
  MDT: -360,
  MST: -420,
  PDT: -420,
  AKDT: -480,
  AKST: -540,
  HST: -600,
};

/** Minutes east of UTC of a zone as `date` writes it (`UTC`, `CET`, `+08`, `-0330`, `+05:30`); undefined where that is ambiguous. */
export const zoneOffset = (zone: string): number | undefined => {
  const numeric = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (numeric) return (numeric[1] === '-' ? -1 : 1) * (Number(numeric[2]) * 60 + Number(numeric[3] ?? 0));
  return Object.hasOwn(ZONES, zone) ? ZONES[zone] : undefined;
};

type Parts = { year: number; month: number; day: number; hour: number; minute: number; second: number; zone: string };

const valid = ({ year, month, day, hour, minute, second, zone }: Parts): WrittenDate | undefined => {
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  const read = new Date(local);
  return read.getUTCMonth() === month - 1 && read.getUTCFullYear() === year ? { local, zone } : undefined;
};

/** 12-hour clocks: 12 AM is midnight, 12 PM noon. */
const hourOf = (hour: number, half: string | undefined): number =>
  half === undefined ? hour : (hour % 12) + (/PM|下午/.test(half) ? 12 : 0);

const iso = (head: string): WrittenDate | undefined => {
  const m = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?\s*(Z|[+-]\d\d(?::?\d\d)?|[A-Z]{2,5})?$/.exec(
    head,
  );
  if (!m) return undefined;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return valid({ year, month, day, hour, minute, second, zone: m[7] ?? '' });
};

/** `2026年 11月 23日 星期一 18:18:46 CST`, and the Japanese form of it. */
const eastern = (head: string): WrittenDate | undefined => {
  const m =
    /^(\d{4})年 *(\d{1,2})月 *(\d{1,2})日 *(?:(?!上午|下午)\p{L}{1,4})? *(上午|下午)? *(\d{1,2})[:时](\d\d)[:分](\d\d)秒? *([A-Z]{2,5}|[+-]\d\d(?::?\d\d)?)?$/u.exec(
      head,
    );
  if (!m) return undefined;
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  return valid({
    year,
    month,
    day,
    hour: hourOf(Number(m[5]), m[4]),
    minute: Number(m[6]),
    second: Number(m[7]),
    zone: m[8] ?? '',
  });
};

/** `Mon Nov 23 18:18:46 UTC 2026`, `Mon 23 Nov 2026 06:18:46 PM CET`, `Mon, 23 Nov 2026 18:18:46 +0000`: the same words in any order. */
const western = (head: string): WrittenDate | undefined => {
  const words = head.split(/[\s,]+/);
  const take = (pattern: RegExp): string | undefined => {
    const index = words.findIndex((word) => pattern.test(word));
    return index < 0 ? undefined : words.splice(index, 1)[0];
  };
  const time = take(/^\d{1,2}:\d\d:\d\d$/)
    ?.split(':')
    .map(Number);
  const year = take(/^\d{4}$/);
  const month = MONTHS.indexOf(take(MONTH) ?? '') + 1;
  const day = take(/^\d{1,2}$/);
  const half = take(/^[AP]M$/);
  take(/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/);
  const zone = take(/^(?:[A-Z]{1,5}|[+-]\d\d(?::?\d\d)?)$/) ?? '';
  if (!time || year === undefined || month === 0 || day === undefined || words.some((word) => word !== ''))
    return undefined;
  const [hour = 0, minute = 0, second = 0] = time;
  return valid({ year: Number(year), month, day: Number(day), hour: hourOf(hour, half), minute, second, zone });
};

/** The longest date looked for, in characters. */
const LONGEST_DATE = 64;

/** Takes a line of the form `DATE: TEXT` apart; a line without a date that can be read is all text. */
export const datedText = (line: string): DatedText => {
  for (let at = line.indexOf(': '); at > 0 && at <= LONGEST_DATE; at = line.indexOf(': ', at + 1)) {
    const head = line.slice(0, at).trim();
    const date = iso(head) ?? eastern(head) ?? western(head);
    if (date) return { date, text: line.slice(at + 2) };
  }
  return { text: line };
};
