const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');
const time = (at: Date): string => `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
const microseconds = (wall: number): string =>
  String(Math.floor((((wall % 1000) + 1000) % 1000) * 1000)).padStart(6, '0');
const day = (at: Date): string => DAYS[at.getUTCDay()]!;
const month = (at: Date): string => MONTHS[at.getUTCMonth()]!;

/** `Mon Nov 23 18:43:36 UTC 2026`: date(1) in the C locale. All demo machines keep UTC. `wall` is ms since the epoch. */
export const dateText = (wall: number): string => {
  const at = new Date(wall);
  return `${day(at)} ${month(at)} ${String(at.getUTCDate()).padStart(2)} ${time(at)} UTC ${at.getUTCFullYear()}`;
};

/** `Mon Nov 23 18:42:28 2026`: ps's lstart and ctime(3). */
export const ctimeText = (wall: number): string => {
  const at = new Date(wall);
  return `${day(at)} ${month(at)} ${String(at.getUTCDate()).padStart(2)} ${time(at)} ${at.getUTCFullYear()}`;
};

/** `Mon 2026-11-23 18:42:28 UTC`: systemd. Empty for 0 (never). */
export const systemdText = (wall: number): string => {
  if (wall === 0) return '';
  const at = new Date(wall);
  return `${day(at)} ${at.toISOString().slice(0, 10)} ${time(at)} UTC`;
};

/** `2026-11-23T18:42:48.998024`: ip -ts. */
export const isoText = (wall: number): string => `${new Date(wall).toISOString().slice(0, 19)}.${microseconds(wall)}`;

/** `Nov 23 18:42:25` and, precisely, `Nov 23 18:42:25.101805`: journalctl's short formats. */
export const shortText = (wall: number, precise = false): string => {
  const at = new Date(wall);
  return `${month(at)} ${two(at.getUTCDate())} ${time(at)}${precise ? `.${microseconds(wall)}` : ''}`;
};

/** `2026/11/23 18:43:29`: nginx's error log. */
export const nginxText = (wall: number): string =>
  new Date(wall).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');

/** date(1) with a `+FORMAT` of the few letters that scripts use. */
export const formatDate = (wall: number, format: string): string => {
  const at = new Date(wall);
  const seconds = Math.floor(wall / 1000);
  const nanos = `${microseconds(wall)}000`;
  const parts: Record<string, string> = {
    s: String(seconds),
    N: nanos,
    Y: String(at.getUTCFullYear()),
    m: two(at.getUTCMonth() + 1),
    d: two(at.getUTCDate()),
    H: two(at.getUTCHours()),
    M: two(at.getUTCMinutes()),
    S: two(at.getUTCSeconds()),
    F: at.toISOString().slice(0, 10),
    T: time(at),
    Z: 'UTC',
    z: '+0000',
    '%': '%',
  };
  return format.replace(/%(3N|6N|[a-zA-Z%])/g, (whole, letter: string) =>
    letter === '3N' ? nanos.slice(0, 3) : letter === '6N' ? nanos.slice(0, 6) : (parts[letter] ?? whole),
  );
};
