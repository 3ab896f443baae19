import { KEEPALIVED_CONFIGURATION } from './keepalived-words.ts';
import type { Machine } from './machine.ts';
import { NGINX_CONFIGURATION } from './nginx.ts';
import { CHECK_LOG, VIPS, WEB_NODES } from './topology.ts';

const PAGE = '/var/www/html/index.html';
const RESTART_MEMORY = '/run/check_nginx.restarts';

/** Rewrites a file by this change; one that the change does not concern keeps its time. */
const edit = ({ files }: Machine, path: string, change: (text: string) => string): void => {
  const text = files.get(path)?.content;
  if (text === undefined) return;
  const changed = change(text);
  if (changed !== text) files.write(path, changed);
};

/** A mistake in nginx.conf that only `nginx -t` sees, until nginx is started again. */
export const spoilNginx = (machine: Machine): void =>
  edit(machine, NGINX_CONFIGURATION, (text) => text.replace('proxy_pass ', 'proxy_pas  '));

export const mendNginx = (machine: Machine): void =>
  edit(machine, NGINX_CONFIGURATION, (text) => text.replace('proxy_pas  ', 'proxy_pass '));

/** A virtual router id that is none: keepalived ends over it when it reloads. */
export const spoilKeepalived = (machine: Machine): void =>
  edit(machine, KEEPALIVED_CONFIGURATION, (text) => text.replace(/(virtual_router_id) (\d{1,3})$/m, '$1 9$2 # spoilt'));

/** The configuration files as they were found; true when one of them had been changed. */
export const mendFiles = ({ files, pristine }: Machine): boolean => {
  const changed = [...pristine].filter(([path, content]) => files.get(path)?.content !== content);
  for (const [path, content] of changed) files.write(path, content);
  return changed.length > 0;
};

/** The page of a web node is gone. */
export const removePage = ({ files }: Machine): void => files.remove(PAGE);

/** The page is there again, and no VIP is on the web node. */
export const mendWeb = (machine: Machine): void => {
  const identity = WEB_NODES.find(({ name }) => name === machine.name)?.identity;
  if (identity && !machine.files.get(PAGE)) machine.files.write(PAGE, `${identity}\n`);
  for (const vip of VIPS) machine.addresses.remove(vip);
};

/** The check script counts its restarts from nothing again. */
export const forgetRestarts = ({ files }: Machine): void => files.remove(RESTART_MEMORY);

/** The check log can be written again, and is there. */
export const mendLog = ({ files }: Machine): void => {
  files.spoil(CHECK_LOG, undefined);
  if (!files.get(CHECK_LOG)) files.write(CHECK_LOG, '');
};
