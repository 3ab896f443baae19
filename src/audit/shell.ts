/** One line of a shell script that does something. */
export type ShellLine = { line: number; text: string };

/** The lines of a script without comments and blank ones. */
export const shellLines = (script: string): ShellLine[] =>
  script
    .split('\n')
    .map((text, index) => ({
      line: index + 1,
      text: text
        .slice(0, 4000)
        .replace(/(^|\s)#.*$/, '')
        .trim(),
    }))
    .filter(({ text }) => text !== '');

/** The first line that fits. */
export const firstLine = (lines: readonly ShellLine[], pattern: RegExp): ShellLine | undefined =>
  lines.find(({ text }) => pattern.test(text));

/** keepalived stopped or killed by the script. */
export const KILLS_KEEPALIVED =
  /\b(?:killall|pkill)\b[^;|&]{0,80}\bkeepalived|\bsystemctl\s+(?:-\S+\s+)*(?:stop|kill)\s[^;|&]{0,80}\bkeepalived|\bservice\s+keepalived\s+stop|init\.d\/keepalived\s+stop|\bkill\b[^;&]{0,80}keepalived/;

/** nginx (or whatever unit) started by the script. */
export const STARTS_SERVICE =
  /\bsystemctl\s+(?:-\S+\s+)*(?:re)?start\b|\bservice\s+\S+\s+(?:re)?start\b|init\.d\/\S+\s+(?:re)?start\b|^(?:\/\S*\/)?nginx\s*(?:;.*)?$/;

/** Processes or the unit looked at, which a hung server passes. */
export const COUNTS_PROCESSES =
  /\bps\s[^;]{0,120}nginx|\bpgrep\b|\bpidof\b|\bkillall\s+-0\b|\bkill\s+-0\b|\bsystemctl\s+(?:-\S+\s+)*(?:is-active|status)\b|\bss\s[^;]{0,60}:80|\bnetstat\b/;

/** A question put to the server itself. */
export const ASKS_SERVER =
  /\bcurl\b|\bwget\b|\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|socat|nmap)\b|\bopenssl\s+s_client|\bhttp(?:ie)?\s/;

/** Commands after which the status is 0 whatever happened. */
const SUCCEEDS =
  /^(?:echo|printf|logger|sleep|true|:|exit(?:\s+0)?|killall|pkill|systemctl\s+(?:-\S+\s+)*stop|service\s+\S+\s+stop|date|touch)\b|^:$|>>\s*\S+$/;

const BLOCK_END = /^(?:fi|done|esac|;;|}|else|then|do)[;\s]*$/;

/** Whether every way through the script ends with status 0, as far as reading can tell. Unsure: no. */
export const neverFails = (script: string): boolean => {
  const lines = shellLines(script);
  if (lines.length === 0) return true;
  const all = lines.map(({ text }) => text).join('\n');
  if (/\bset\s+-\w*e|\bexec\s|\breturn\b|\btrap\b/.test(all)) return false;
  if (/\bexit\s+(?!0\b)\S/.test(all)) return false;
  if (!/^#!.*\b(?:ba|da|k|z)?sh\b/.test(script.split('\n')[0] ?? '')) return false;
  // What stands last in the script and in each of the blocks that end it.
  const last = lines.at(-1)!;
  if (!BLOCK_END.test(last.text)) return SUCCEEDS.test(last.text);
  let index = lines.length - 1;
  while (index >= 0 && BLOCK_END.test(lines[index]!.text)) index -= 1;
  return index >= 0 && SUCCEEDS.test(lines[index]!.text);
};

/** Seconds that the script sleeps when each of its `sleep` lines is run once. */
export const sleeps = (script: string): number =>
  shellLines(script)
    .flatMap(({ text }) => [...text.matchAll(/\bsleep\s+(\d{1,5}(?:\.\d{1,3})?)/g)])
    .reduce((sum, match) => sum + Number(match[1]), 0);

/** The script counts or limits how often it starts something. */
export const LIMITS =
  /\(\(.*[<>]=?.*\)\)|-(?:ge|gt|le|lt)\b|\b\w*(?:max|limit|attempt|tries|retries|backoff)\w*=|\bStartLimit/i;

/** The script leaves a stopped server alone when it is told to: a file to look for, or a masked unit. */
export const PAUSES = /\[\[?\s+!?\s*-[ef]\s|\btest\s+!?\s*-[ef]\s|\bis-enabled\b|\bmasked\b/;

/** Appending lines that are looked at. */
const MOST_LOGS = 100;

/** Files that the script appends to. */
export const appendedLogs = (script: string): { path: string; line: number }[] => {
  const found = shellLines(script)
    .flatMap(({ line, text }) =>
      [...text.matchAll(/>>\s*["']?(\/[\w./-]{1,200}|\$\{?\w{1,64}\}?)/g)].map((match) => ({ path: match[1]!, line })),
    )
    .slice(0, MOST_LOGS);
  const values = new Map(
    [...script.matchAll(/^[ \t]{0,40}(?:export[ \t]+)?(\w{1,64})=["']?(\/[\w./-]{1,200})["']?[ \t]{0,40}$/gm)].map(
      (match) => [match[1]!, match[2]!] as const,
    ),
  );
  const named = found.map(({ path, line }) => ({
    path: path.startsWith('$') ? (values.get(path.replace(/[${}]/g, '')) ?? path) : path,
    line,
  }));
  return named.filter(
    (one, index) => one.path !== '/dev/null' && named.findIndex((other) => other.path === one.path) === index,
  );
};

/** The script itself keeps its log short. */
export const SHORTENS =
  /\btail\s+-n|\btruncate\b|\blogrotate\b|\bstat\s+-c|\bsavelog\b|\bwc\s+-[lc]\b[^;|\n]{0,200}log/i;
