/**
 * Text attributes as numbers: each distinct combination of attributes and colours gets an id, so that cells can be
 * compared as integers. Parameters are those of SGR (ECMA-48 8.3.117, plus the 256-colour, true-colour and underline
 * forms that xterm and kitty define).
 */

type Style = {
  /** Bits of `FLAGS`. */
  readonly flags: number;
  /** SGR parameters that set the foreground, `''` for the default. */
  readonly fg: string;
  readonly bg: string;
  /** SGR parameters that set the kind of underline (`4`, `21`, `4:3`), `''` for none. */
  readonly underline: string;
  /** SGR parameters that set the colour of the underline, `''` for that of the text. */
  readonly underlineColour: string;
};

/** Flag bit, parameter that sets it, parameter that clears it. Bold and dim share one that clears both. */
const FLAGS = [
  [1, '1', '22'],
  [2, '2', '22'],
  [4, '3', '23'],
  [8, '5', '25'],
  [16, '7', '27'],
  [32, '8', '28'],
  [64, '9', '29'],
  [128, '53', '55'],
] as const;

const PLAIN: Style = { flags: 0, fg: '', bg: '', underline: '', underlineColour: '' };

/** More styles than this in one session (a program that draws gradients) and the table starts again. */
const MANY = 4096;

/** Every style seen so far. Id 0 is the terminal's default. */
export class StyleTable {
  #styles: Style[] = [PLAIN];
  #ids = new Map<string, number>([[keyOf(PLAIN), 0]]);
  #applied = new Map<string, number>();
  #moves = new Map<number, string>();

  /** True when the table has grown so far that the owner should `reset` it and repaint. */
  get full(): boolean {
    return this.#styles.length > MANY;
  }

  /** Forgets every style but the default. Ids given out before mean nothing afterwards. */
  reset(): void {
    this.#styles = [PLAIN];
    this.#ids = new Map([[keyOf(PLAIN), 0]]);
    this.#applied.clear();
    this.#moves.clear();
  }

  /** The style after `CSI params m` in style `from`. Unknown parameters change nothing. */
  apply(from: number, params: string): number {
    if (params === '' || params === '0') return 0;
    const key = `${from}/${params}`;
    const known = this.#applied.get(key);
    if (known !== undefined) return known;
    const id = this.#intern(applySgr(this.#styles[from] ?? PLAIN, params));
    if (this.#applied.size > MANY * 4) this.#applied.clear();
    this.#applied.set(key, id);
    return id;
  }

  /** The shortest SGR sequence that turns style `from` into style `to`; `''` when they are the same. */
  move(from: number, to: number): string {
    if (from === to) return '';
    if (to === 0) return '\x1b[m';
    const key = from * 65536 + to;
    const known = this.#moves.get(key);
    if (known !== undefined) return known;
    const [a, b] = [this.#styles[from] ?? PLAIN, this.#styles[to] ?? PLAIN];
    const fresh = ['', ...difference(PLAIN, b)];
    const step = difference(a, b);
    const shortest = step.join(';').length <= fresh.join(';').length ? step : fresh;
    const sequence = `\x1b[${shortest.join(';')}m`;
    if (this.#moves.size > MANY * 4) this.#moves.clear();
    this.#moves.set(key, sequence);
    return sequence;
  }

  #intern(style: Style): number {
    const key = keyOf(style);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#styles.push(style);
    this.#ids.set(key, this.#styles.length - 1);
    return this.#styles.length - 1;
  }
}

function keyOf(style: Style): string {
  return `${style.flags}|${style.fg}|${style.bg}|${style.underline}|${style.underlineColour}`;
}

function difference(a: Style, b: Style): string[] {
  const clear = new Set<string>();
  const set: string[] = [];
  for (const [bit, , off] of FLAGS) if (a.flags & bit && !(b.flags & bit)) clear.add(off);
  for (const [bit, on, off] of FLAGS) {
    if (b.flags & bit && (!(a.flags & bit) || clear.has(off))) set.push(on);
  }
  if (a.underline !== b.underline) {
    if (b.underline === '') clear.add('24');
    else set.push(b.underline);
  }
  if (a.fg !== b.fg) set.push(b.fg === '' ? '39' : b.fg);
  if (a.bg !== b.bg) set.push(b.bg === '' ? '49' : b.bg);
  if (a.underlineColour !== b.underlineColour) set.push(b.underlineColour === '' ? '59' : b.underlineColour);
  return [...clear, ...set];
}

function applySgr(from: Style, params: string): Style {
  const codes = params.split(';');
  let style = from;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? '';
    const [head = ''] = code.split(':');
    if (head === '38' || head === '48' || head === '58') {
      const length = code.includes(':') ? 1 : codes[i + 1] === '5' ? 3 : codes[i + 1] === '2' ? 5 : 0;
      if (length === 0 || i + length > codes.length) return style;
      const colour = codes.slice(i, i + length).join(';');
      style = { ...style, [head === '38' ? 'fg' : head === '48' ? 'bg' : 'underlineColour']: colour };
      i += length - 1;
    } else style = applyCode(style, code);
  }
  return style;
}

function applyCode(style: Style, code: string): Style {
  if (code === '' || code === '0') return PLAIN;
  if (code === '4:0' || code === '24') return { ...style, underline: '' };
  if (code === '4' || code === '21' || code.startsWith('4:')) return { ...style, underline: code };
  if (code === '59') return { ...style, underlineColour: '' };
  if (code === '39') return { ...style, fg: '' };
  if (code === '49') return { ...style, bg: '' };
  if (/^(?:3|9)[0-7]$/.test(code)) return { ...style, fg: code };
  if (/^(?:4|10)[0-7]$/.test(code)) return { ...style, bg: code };
  let flags = style.flags;
  for (const [bit, on, off] of FLAGS) {
    if (code === on) flags |= bit;
    if (code === off) flags &= ~bit;
  }
  return flags === style.flags ? style : { ...style, flags };
}
