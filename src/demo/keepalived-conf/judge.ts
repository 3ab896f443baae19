import type { DemoFile } from '../files.ts';
import type { Globals } from './globals.ts';
import type { Instance } from './instance.ts';
import type { Script } from './script.ts';

/** What of the machine decides how a file is read. */
export type Surroundings = {
  interfaces: readonly string[];
  /** The file of a script, if it is there. */
  script(path: string): Pick<DemoFile, 'mode' | 'owner'> | undefined;
  /** Who reads: to others than root every script is insecure. */
  root: boolean;
};

/** Says something of the whole; `logOnly`: in the journal alone. */
export type Say = (text: string, logOnly?: true) => void;

const SECURITY = 'SECURITY VIOLATION - scripts are being executed but script_security not enabled.';

/** What is said of an instance when all is read, and whether keepalived ends itself over it. */
export const judge = (
  instance: Instance,
  globals: Globals,
  scripts: readonly Script[],
  say: Say,
): 'config' | 'interface' | undefined => {
  const named = (text: string): void => say(`(${instance.name}) ${text}`);
  if (instance.unicast && instance.peers.length === 0) {
    named(
      'A unicast keyword has been specified without any unicast peers. Defaulting to multicast. This usage is deprecated - please update your configuration.',
    );
  }
  if (instance.interface === undefined) {
    named('Unknown interface!');
    return 'interface';
  }
  if (instance.vrid === undefined) {
    named('the virtual router id must be set');
    return 'config';
  }
  if (instance.auth && !instance.password) named('Authentication specified but no password given. Ignoring');
  else if (instance.auth && globals.strict) named('Strict mode does not support authentication. Ignoring.');
  else if (instance.auth && globals.version === 3) named('VRRP version 3 does not support authentication. Ignoring.');
  if (instance.nopreempt && instance.state === 'MASTER') {
    named('Warning - nopreempt will not work with initial state MASTER - clearing');
    instance.nopreempt = false;
  }
  if (globals.version !== 3 && !Number.isInteger(instance.advert)) {
    named(`VRRPv2 advertisement interval ${instance.advert.toFixed(6)}s must be an integer. rounding`);
    instance.advert = Math.max(1, Math.round(instance.advert));
  }
  if (instance.vips.length === 0) {
    named('No VIP specified; at least one is sensible');
    named('No VIP specified; at least one is sensible');
  }
  for (const script of scripts) {
    if (instance.priority < 255 || script.weight === 0 || !instance.scripts.includes(script.name)) continue;
    named(`ignoring tracked script ${script.name} with weights due to address_owner`);
    instance.scripts = instance.scripts.filter((name) => name !== script.name);
  }
  return undefined;
};

/** The script that is run after all. */
export const judgeScripts = (
  instance: Instance,
  scripts: readonly Script[],
  globals: Globals,
  around: Surroundings,
  say: Say,
): Script | undefined => {
  let violation = '';
  const good = scripts.filter(({ name, path }) => {
    if (!instance.scripts.includes(name)) return false;
    const file = around.script(path);
    if (!file) {
      say(`Script ${path} cannot be accessed - No such file or directory`, true);
      say(`Disabling track script ${name} since not found/accessible`);
      return false;
    }
    const secure = around.root && file.owner === 'root' && !/[2367].?$/.test(file.mode);
    if (!secure) say(`Unsafe permissions found for script '${path}'.`, true);
    if (globals.security && !secure) {
      say(`Disabling track script ${name} due to insecure`);
      return false;
    }
    if (!globals.security)
      violation = violation.includes('insecure') || !secure ? `${SECURITY} There are insecure scripts.` : SECURITY;
    return true;
  });
  if (violation !== '') say(violation);
  return good[0];
};
