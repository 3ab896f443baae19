import type { DemoFile } from '../files.ts';
import { type Finding, logText, type Reader, testText } from './finding.ts';
import { type Instance, instanceBlock } from './instance.ts';
import { GLOBAL_BLOCKS, GLOBAL_WORDS, OTHER_BLOCKS, OTHER_WORDS } from './keywords.ts';
import { type Complain, readDecimal } from './numbers.ts';
import { type Script, scriptBlock } from './script.ts';
import { defaultSettings, type KeepalivedSettings } from './settings.ts';
import { type Block, GivesUp, walk } from './walk.ts';

/** What of the machine decides how a file is read. */
export type Surroundings = {
  interfaces: readonly string[];
  /** The file of a script, if it is there. */
  script(path: string): Pick<DemoFile, 'mode' | 'owner'> | undefined;
  /** Who reads: to others than root every script is insecure. */
  root: boolean;
};

/** A file as keepalived 2.2.7 reads it. */
export type ReadFile = {
  findings: Finding[];
  settings: KeepalivedSettings;
  /**
   * What becomes of a keepalived that is started or reloaded with it. `config`: it ends itself (status 2) as soon as it has read;
   * `interface`: so it does, after it has said that it is ready; `crash`: its VRRP process dies again and again.
   */
  end: 'runs' | 'config' | 'interface' | 'crash';
  /** It has scripts: a reload says of each that it counts as good. */
  scripted: boolean;
  /** Exit status of `keepalived -t`. */
  status: number;
};

const KNOWN = new Set(['global_defs', 'vrrp_script', 'vrrp_instance', ...OTHER_BLOCKS, ...OTHER_WORDS]);
const NO_USER = "Script user 'keepalived_script' does not exist";
const SECURITY = 'SECURITY VIOLATION - scripts are being executed but script_security not enabled.';

type Say = (text: string, logOnly?: true) => void;
type Globals = {
  security: boolean;
  user: boolean;
  refresh: number;
  skipCheck: boolean;
  strict: boolean;
  version: number;
};

const globalsBlock = (globals: Globals, complain: Complain): Block => {
  const spacing =
    (word: string) =>
    ([text = '']: string[], line: Parameters<Complain>[0]): void => {
      if (readDecimal(text, [0.000001, 4294.967295], line, complain) === undefined)
        complain(line, `${word} '${text}' is invalid`);
    };
  return {
    idle: GLOBAL_WORDS,
    flags: {
      enable_script_security: () => {
        globals.security = true;
      },
      vrrp_skip_check_adv_addr: () => {
        globals.skipCheck = true;
      },
      vrrp_strict: () => {
        globals.strict = true;
      },
    },
    words: {
      script_user: () => {
        globals.user = true;
      },
      vrrp_version: ([version]) => {
        globals.version = Number(version);
      },
      vrrp_garp_master_refresh: ([seconds]) => {
        globals.refresh = Number(seconds) * 1000;
      },
      vrrp_garp_interval: spacing('vrrp_garp_interval'),
      vrrp_gna_interval: spacing('vrrp_gna_interval'),
    },
    blocks: Object.fromEntries([...GLOBAL_BLOCKS].map((word) => [word, () => undefined])),
  };
};

/** What is said when all is read: of the whole instance, then of the scripts. True when keepalived cannot run it. */
const judge = (
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

/** Which scripts are run after all. */
const judgeScripts = (
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

/** Reads a configuration file as all of keepalived's processes do. */
export const readKeepalivedFile = (text: string, around: Surroundings): ReadFile => {
  const findings: Finding[] = [];
  const settings = defaultSettings();
  const globals: Globals = { security: false, user: false, refresh: 0, skipCheck: false, strict: false, version: 2 };
  const scripts = new Map<string, Script>();
  let instance: Instance | undefined;
  let missing = false;
  const complainAs =
    (reader: Reader): Complain =>
    (line, message, warning) =>
      findings.push({ reader, line: line.number, text: message, ...(warning ? { warning } : {}) });
  const say: Say = (message, logOnly) =>
    void findings.push({ reader: 'vrrp', text: message, ...(logOnly ? { logOnly } : {}) });
  const done = (end: ReadFile['end'], status: number): ReadFile => ({
    findings,
    settings,
    end,
    scripted: scripts.size > 0 && !missing,
    status,
  });

  const complain = complainAs('vrrp');
  const vrrp: Block = {
    blocks: {
      vrrp_script: ([name = '']) =>
        scriptBlock(name, complain, (script, line) => {
          if (!globals.security || globals.user) scripts.set(name, script);
          else {
            findings.push({ reader: 'vrrp', line: line.number, text: NO_USER, logOnly: true });
            complain(line, 'Unable to set default user keepalived_script for script');
            complain(line, `Unable to set default user for vrrp script ${name} - removing`);
          }
        }),
      vrrp_instance: ([name], line) => {
        if (name === undefined) complain(line, 'vrrp_instance must have a name');
        else if (instance?.name === name) complain(line, `vrrp instance ${name} already defined`);
        if (name === undefined || instance?.name === name) return undefined;
        const made = instanceBlock(name, {
          complain,
          interfaces: around.interfaces,
          scripts: new Set(scripts.keys()),
          missingInterface: () => {
            missing = true;
          },
        });
        // The model runs the first instance; a second one is read for its mistakes only.
        instance ??= made.instance;
        return made.block;
      },
    },
  };
  try {
    walk(text, 'parent', { blocks: { global_defs: () => globalsBlock(globals, complainAs('parent')) } }, KNOWN, (one) =>
      findings.push(one),
    );
    walk(text, 'checker', {}, KNOWN, (one) => findings.push(one));
    walk(text, 'vrrp', vrrp, KNOWN, (one) => findings.push(one));
  } catch (error) {
    if (!(error instanceof GivesUp)) throw error;
    return done(error.status === 255 ? 'crash' : 'config', error.status);
  }
  const late: Finding[] = [];
  walk(text, 'bfd', {}, KNOWN, (one) => late.push(one));
  settings.refresh = globals.refresh;
  settings.skipCheck = globals.skipCheck;
  let end: ReadFile['end'] = 'runs';
  if (missing) {
    say('Non-existent interface specified in configuration');
    end = 'interface';
  } else if (instance) {
    end = judge(instance, globals, [...scripts.values()], say) ?? 'runs';
    if (end === 'runs') take(settings, instance, judgeScripts(instance, [...scripts.values()], globals, around, say));
  }
  findings.push(...late);
  const violated = findings.some((one) => one.text.startsWith('SECURITY VIOLATION'));
  return done(end, violated ? 6 : findings.some((one) => !one.logOnly) ? 5 : 0);
};

const take = (settings: KeepalivedSettings, instance: Instance, script: Script | undefined): void => {
  settings.instance = true;
  settings.priority = instance.priority;
  settings.vrid = instance.vrid ?? 0;
  settings.advert = instance.advert * 1000;
  settings.nopreempt = instance.nopreempt;
  settings.vips = [...new Set(instance.vips)];
  settings.auth = instance.auth && instance.password;
  settings.tracked = script !== undefined;
  if (!script) return;
  settings.weight = script.weight;
  settings.checkInterval = script.interval * 1000;
  settings.fall = script.fall;
  settings.rise = script.rise;
};

/** What `keepalived -t` prints of a file. */
export const testOutput = ({ findings }: ReadFile, file: string): string[] =>
  findings.filter((finding) => !finding.logOnly).map((finding) => testText(finding, file));

/**
 * What a process of keepalived writes to the journal when it has read the file; `between` stands before what is said of the
 * whole.
 */
export const logOutput = (
  { findings, scripted }: ReadFile,
  file: string,
  reader: Reader,
  between?: string,
): string[] => {
  const own = findings.filter((finding) => finding.reader === reader);
  const text = (finding: Finding): string => logText(finding, file);
  return [
    ...own.filter(({ line }) => line !== undefined).map(text),
    ...(between !== undefined && scripted ? [between] : []),
    ...own.filter(({ line }) => line === undefined).map(text),
  ];
};
