import { isIP } from 'node:net';
import type { Directive } from '../../conf-files/directive.ts';
import type { ConfigFiles } from '../../conf-files/include.ts';
import { flat, NGINX_CONF, nginxTree } from '../../conf-files/nginx-tree.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** `host`, `host:port`, `[v6]:port` as `address:port`; undefined for sockets and variables. */
const endpoint = (text: string, port = 80): string | undefined => {
  const match = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(text);
  if (!match || text.startsWith('unix')) return undefined;
  return `${match[1]!.toLowerCase()}:${match[2] ?? port}`;
};

/**
 * The servers that nginx passes requests to, as `address:port` without repeats: those of the upstream groups that some
 * `proxy_pass` names, and addresses that a `proxy_pass` names itself. Servers marked `down` are left out. Included files count
 * where they were read.
 */
export const parseNginxUpstream = (text: string, files: ConfigFiles = new Map()): Parsed<string[]> => {
  const { root, problems } = nginxTree(text, files);
  if (problems.some(({ kind, file }) => kind === 'braces' && file === NGINX_CONF))
    return unparsed('nginx.conf: the braces do not match', 'check it with nginx -t');
  const all = flat(root);
  const passes = all
    .filter((one) => one.words[0] === 'proxy_pass')
    .map((one) => /^(https?):\/\/([^/$]+)/.exec(one.words[1] ?? ''))
    .filter((match) => match !== null);
  const groups = all.filter((one) => one.words[0] === 'upstream' && one.block);
  const used = groups.filter((group) => passes.some((pass) => pass[2] === group.words[1]));
  const servers = (used.length > 0 ? used : passes.length > 0 ? [] : groups).flatMap((group) =>
    (group.block ?? [])
      .filter((one) => one.words[0] === 'server' && !one.words.includes('down'))
      .map((one) => endpoint(one.words[1] ?? '')),
  );
  const direct = passes
    .filter((pass) => !groups.some((group) => group.words[1] === pass[2]))
    .map((pass) => endpoint(pass[2]!, pass[1] === 'https' ? 443 : 80))
    .filter((server) => server !== undefined && isIP(server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')) !== 0);
  return parsed([...new Set([...servers, ...direct])].filter((server) => server !== undefined));
};

/** The TCP ports on which the servers listen that pass requests on; those of `listen` without a port are 80. */
export const parseNginxPorts = (text: string, files: ConfigFiles = new Map()): Parsed<number[]> => {
  const { root, problems } = nginxTree(text, files);
  if (problems.some(({ kind, file }) => kind === 'braces' && file === NGINX_CONF))
    return unparsed('nginx.conf: the braces do not match', 'check it with nginx -t');
  const servers = flat(root).filter((one) => one.words[0] === 'server' && one.block && flat(one.block).some(isPass));
  const ports = servers.flatMap(({ block = [] }) => {
    const listens = block.filter((one) => one.words[0] === 'listen');
    return listens.length === 0 ? [80] : listens.flatMap((one) => portOf(one.words[1] ?? '') ?? []);
  });
  return parsed([...new Set(ports)]);
};

const isPass = (one: Directive): boolean => one.words[0] === 'proxy_pass';

/** `80`, `*:80`, `10.0.0.1:80`, `[::]:80`, `10.0.0.1`; undefined for a socket in the file system. */
const portOf = (listen: string): number | undefined => {
  if (listen.startsWith('unix:')) return undefined;
  const port = /^(?:.*:)?(\d{1,5})$/.exec(listen)?.[1];
  return port === undefined || isIP(listen) !== 0 ? 80 : Number(port);
};
