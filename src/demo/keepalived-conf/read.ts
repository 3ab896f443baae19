import { type Finding, logText, type Reader, testText } from './finding.ts';
import { defaultGlobals, globalsBlock } from './globals.ts';
import { type Instance, instanceBlock } from './instance.ts';
import { judge, judgeScripts, type Say, type Surroundings } from './judge.ts';
import { OTHER_BLOCKS, OTHER_WORDS } from './keywords.ts';
import type { Complain } from './numbers.ts';
import { type Script, scriptBlock } from './script.ts';
import { defaultSettings, type KeepalivedSettings } from './settings.ts';
import { type Block, GivesUp, walk } from './walk.ts';

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

/** Reads a configuration file as all of keepalived's processes do. */
export const readKeepalivedFile = (text: string, around: Surroundings): ReadFile => {
  const findings: Finding[] = [];
  const settings = defaultSettings();
  const globals = defaultGlobals();
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
