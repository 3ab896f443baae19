/** A terminal without a window (xterm.js), and what can be read off it. */
import xterm, { type IBufferCell, type Terminal as Xterm } from '@xterm/headless';
import stringWidth from 'string-width';

export type { Xterm };

/** Makes a terminal of this size. `onReply` gets what it answers (DSR and the like). */
export function makeScreen(cols: number, rows: number, onReply?: (data: string) => void): Xterm {
  const term = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 });
  if (onReply !== undefined) term.onData(onReply);
  return term;
}

/** Writes and waits until it is parsed. */
export function feed(term: Xterm, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => term.write(data, resolve));
}

/** The rows as text, without trailing blanks. */
export function textOf(term: Xterm): string[] {
  const buffer = term.buffer.active;
  return Array.from(
    { length: term.rows },
    (_, y) =>
      buffer
        .getLine(buffer.viewportY + y)
        ?.translateToString(true)
        .trimEnd() ?? '',
  );
}

/** Every cell with its attributes, one string a row: equal strings mean that a user sees the same. */
export function cellsOf(term: Xterm): string[] {
  const buffer = term.buffer.active;
  return Array.from({ length: term.rows }, (_, y) => {
    const line = buffer.getLine(buffer.viewportY + y);
    let row = '';
    let last = '';
    for (let x = 0; x < term.cols; x++) {
      const cell = line?.getCell(x);
      if (cell === undefined) continue;
      const style = styleOf(cell);
      row += `${style === last ? '' : `<${style}>`}${cell.getWidth() === 0 ? '' : cell.getChars() || ' '}`;
      last = style;
    }
    return row;
  });
}

function styleOf(cell: IBufferCell): string {
  const flags = [
    cell.isBold() && 'bold',
    cell.isDim() && 'dim',
    cell.isItalic() && 'italic',
    cell.isUnderline() && 'underline',
    cell.isBlink() && 'blink',
    cell.isInverse() && 'inverse',
    cell.isInvisible() && 'invisible',
    cell.isStrikethrough() && 'strike',
    cell.isOverline() && 'overline',
  ].filter(Boolean);
  return `${flags.join('+')} ${cell.getFgColorMode()}:${cell.getFgColor()} ${cell.getBgColorMode()}:${cell.getBgColor()}`;
}

/**
 * Makes a screen measure text as Ink does (graphemes, string-width): the terminal that agrees with us. xterm.js by
 * itself takes its widths from Unicode 6 and so stands for the ones that do not.
 */
export function agreeOnWidths(term: Xterm): void {
  const clusters = [''];
  const ids = new Map<string, number>();
  const segmenter = new Intl.Segmenter();
  const pack = (cluster: string, joined: boolean): number => {
    let id = ids.get(cluster);
    if (id === undefined) {
      id = clusters.push(cluster) - 1;
      ids.set(cluster, id);
    }
    return (id << 3) | (Math.min(stringWidth(cluster), 2) << 1) | (joined ? 1 : 0);
  };
  term.unicode.register({
    version: 'graphemes',
    wcwidth: (code) => Math.min(stringWidth(String.fromCodePoint(code)), 2) as 0 | 1 | 2,
    charProperties: (code, preceding) => {
      const text = String.fromCodePoint(code);
      const longer = (clusters[preceding >> 3] ?? '') + text;
      const joins = preceding !== 0 && [...segmenter.segment(longer)].length === 1;
      return joins ? pack(longer, true) : pack(text, false);
    },
  });
  term.unicode.activeVersion = 'graphemes';
}
