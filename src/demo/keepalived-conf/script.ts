import type { Complain } from './numbers.ts';
import { readDecimal, readWhole } from './numbers.ts';
import type { Block } from './walk.ts';

/** One `vrrp_script` as it was read. */
export type Script = {
  name: string;
  path: string;
  /** s */
  interval: number;
  weight: number;
  fall: number;
  rise: number;
};

/** Most times that a result can be asked for in a row. */
const MOST = 2_147_483_647;

/** The block of one script; `end` is told when it is whole. */
export const scriptBlock = (
  name: string,
  complain: Complain,
  end: (script: Script, line: Parameters<Complain>[0]) => void,
): Block => {
  const script: Script = { name, path: '', interval: 1, weight: 0, fall: 1, rise: 1 };
  const times =
    (what: 'fall' | 'rise') =>
    ([text = '']: string[], line: Parameters<Complain>[0]): void => {
      const value = readWhole(text, [1, MOST], line, complain);
      if (value === undefined)
        complain(line, `(${name}): vrrp script ${what} value '${text}' invalid, defaulting to 1`);
      script[what] = value ?? 1;
    };
  return {
    idle: new Set(['user', 'init_fail', 'timeout']),
    words: {
      script: ([command = '']) => {
        script.path = command.split(' ')[0] ?? '';
      },
      interval: ([text = ''], line) => {
        if (Number(text) === 0) complain(line, `(${name}): vrrp script interval must be greater than 0, setting to 1`);
        else script.interval = readDecimal(text, [0.000001, 4294.967295], line, complain) ?? 1;
      },
      weight: ([text = ''], line) => {
        const weight = readWhole(text, [-253, 253], line, complain);
        if (weight === undefined) complain(line, `vrrp_script ${name} weight ${text} must be in [-253, 253]`);
        else script.weight = weight;
      },
      fall: times('fall'),
      rise: times('rise'),
    },
    end: (line) => end(script, line),
  };
};
