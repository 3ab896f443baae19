import { isIPv6 } from 'node:net';
import type { SshTarget } from './cluster-config.ts';
import { ConfigError, describeValue } from './errors.ts';

/** What a jump host may look like; the phrase of every message about one. */
export const HOP_FORM = 'an ssh_config alias or user@host:port ([address]:port for IPv6)';

const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}$/;
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_.])?$/;

/** Reads `[user@]host[:port]`, `[user@][v6][:port]`, a bare IPv6 address or an `ssh://` form; undefined when it is none. */
export const readHop = (text: string): SshTarget | undefined => {
  const plain = text
    .trim()
    .replace(/^ssh:\/\//, '')
    .replace(/\/$/, '');
  const cut = plain.lastIndexOf('@');
  const user = cut >= 0 ? plain.slice(0, cut) : undefined;
  const rest = plain.slice(cut + 1);
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(rest);
  const named = /^([^:[\]]+)(?::(\d{1,5}))?$/.exec(rest);
  const host = bracketed?.[1] ?? named?.[1] ?? rest;
  const portText = bracketed?.[2] ?? named?.[2];
  const port = portText === undefined ? undefined : Number(portText);
  if (user !== undefined && !USER.test(user)) return undefined;
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  if (!NAME.test(host) && !isIPv6(host)) return undefined;
  return { name: host, host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
};

/** One jump host. Throws a ConfigError about `field` when the text is none. */
export const parseHop = (text: string, field = 'jump'): SshTarget => {
  const target = readHop(text);
  if (!target) throw new ConfigError({ field, found: describeValue(text), expected: HOP_FORM });
  return target;
};

/** The value of `-J`: jump hosts separated by commas, nearest first; `none` is no jump host. Throws a ConfigError. */
export const parseJump = (text: string): SshTarget[] =>
  text.trim() === 'none' ? [] : text.split(',').map((part) => parseHop(part, '--jump'));
