import { GLOBAL_BLOCKS, GLOBAL_WORDS } from './keywords.ts';
import { type Complain, readDecimal } from './numbers.ts';
import type { Block } from './walk.ts';

/** What of `global_defs` decides something. `refresh`: ms; `version`: of VRRP. */
export type Globals = {
  security: boolean;
  user: boolean;
  refresh: number;
  skipCheck: boolean;
  strict: boolean;
  version: number;
};

/** Nothing set. */
export const defaultGlobals = (): Globals => ({
  security: false,
  user: false,
  refresh: 0,
  skipCheck: false,
  strict: false,
  version: 2,
});

/** The block that fills them. */
export const globalsBlock = (globals: Globals, complain: Complain): Block => {
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
