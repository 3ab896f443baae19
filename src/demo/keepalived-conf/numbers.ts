import type { Line } from './lines.ts';

/** Says what is wrong with a number, in keepalived's words; `warning` where the log adds WARNING. */
export type Complain = (line: Line, text: string, warning?: true) => void;

const whole = (value: number): string => String(value);
const decimal = (value: number): string => value.toFixed(6);

const numbered =
  (format: RegExp, show: (value: number) => string, warning?: true) =>
  (text: string, [low, high]: readonly [number, number], line: Line, complain: Complain): number | undefined => {
    if (!format.test(text)) {
      complain(line, `invalid number '${text}'`, warning);
      return undefined;
    }
    const value = Number(text);
    if (value >= low && value <= high) return value;
    complain(line, `number '${text}' outside range [${show(low)}, ${show(high)}]`, warning);
    return undefined;
  };

/** A whole number within a range; undefined and a complaint when it is none. */
export const readWhole = numbered(/^-?\d+$/, whole);

/** A number of seconds with a fraction; undefined and a complaint when it is none. */
export const readDecimal = numbered(/^-?\d+(\.\d+)?$/, decimal, true);
