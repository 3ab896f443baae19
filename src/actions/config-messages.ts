import { visibleText } from '../cluster/visible-text.ts';

/** What a message of `keepalived -t` means for a reload: nothing, something is left out or changed, or keepalived ends. */
export type Weight = 'harmless' | 'left-out' | 'fatal';

/** One message, as keepalived said it. */
export type ConfigMessage = { weight: Weight; text: string };

/**
 * Messages after which a reload went on as before. Measured with 2.2.7 on a file each; what stands in none of the two tables is
 * taken for something left out.
 */
const HARMLESS: readonly RegExp[] = [
  // The tutorial's own `vrrp_garp_interval 0` and `vrrp_gna_interval 0`: 0 is what is taken anyway.
  /^vrrp_(garp|gna)_interval '0' is invalid$/,
  // Scripts run as before, anybody who may write them is root: a matter for the audit, not for a reload.
  /^SECURITY VIOLATION - scripts are being executed but script_security not enabled/,
  /^Unsafe permissions found for script/,
  /^WARNING - default user '[^']*' for script execution does not exist/,
  /^Truncating auth_pass to 8 characters/,
  /nopreempt will not work with initial state MASTER - clearing$/,
  // A pattern that fits no file: `include conf.d/*.conf` with nothing there.
  /^Config files missing '[^']*[*?[][^']*'\.?$/,
];

/** Messages after which a reload ended keepalived and left the VIPs behind. */
const FATAL: readonly RegExp[] = [
  /the virtual router id must be set/,
  /VRID '[^']*' not valid/,
  /Non-existent interface specified in configuration/,
  /Unknown interface!/,
  /duplicate VRID conflict/,
  /WARNING - interface \S+ for .* doesn't exist/,
];

/** Said just before what it is about. */
const NUMBER = /^number '[^']*' outside range/;

const weightOf = (text: string): Weight =>
  FATAL.some((one) => one.test(text)) ? 'fatal' : HARMLESS.some((one) => one.test(text)) ? 'harmless' : 'left-out';

const bare = (line: string): string => line.replace(/^\((?:[^()]*: )?Line \d+\) /, '');

/** A password never leaves this place, also where it stands in a line that keepalived quotes. */
const redacted = (text: string): string => text.replace(/(auth_(?:pass|data))\b.*/, '$1 …');

/** What `keepalived -t` said, each message once, in its order. Its exit status says next to nothing: it is 5 for most of them. */
export const configMessages = (said: string): ConfigMessage[] => {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const seen = new Set<string>();
  const messages: ConfigMessage[] = [];
  for (const [index, line] of lines.entries()) {
    const text = bare(line.trim());
    const place = /Line (\d+)\)/.exec(line)?.[1] ?? '';
    if (seen.has(`${place} ${text}`)) continue;
    seen.add(`${place} ${text}`);
    const isNumber = NUMBER.test(text);
    const next = isNumber ? bare(lines[index + 1]?.trim() ?? '') : text;
    if (isNumber && weightOf(next) === 'harmless') continue;
    const words = visibleText(redacted(text), 160);
    messages.push({ weight: weightOf(next), text: place === '' ? words : `line ${place}: ${words}` });
  }
  return messages;
};
