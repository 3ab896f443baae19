/** A rectangle of cells, from the top left corner. */
export type Rect = { left: number; top: number; width: number; height: number };

/** A pane: the VIPs, the rotation, the event log, a drill, or a node. */
export type PaneId = 'vips' | 'rotation' | 'log' | 'drill' | `node:${string}`;

/**
 * What there is to show. `drill`: one runs, or its end is still to be read; where there is no room beside the panes it takes the place
 * of the log (`instead`), or leaves it to the log (`beside`).
 */
export type Counts = { vips: number; loadBalancers: string[]; webNodes: string[]; drill?: 'instead' | 'beside' };

/** `box`: a frame all around; `rule`: a title line only, where rows are dear. */
export type Frame = 'box' | 'rule';

/** Where everything goes. `hidden` panes have no room; focusing one shows it alone. */
export type Layout = {
  header: Rect;
  footer: Rect;
  /** Of a playback; without rows otherwise. */
  bar: Rect;
  body: Rect;
  frame: Frame;
  panes: { id: PaneId; rect: Rect }[];
  hidden: PaneId[];
};

/** The smallest terminal with a picture. */
export const SMALLEST = { columns: 60, rows: 20 };

/** All panes in the order of their numbers. */
export const paneOrder = (counts: Counts): PaneId[] => [
  'vips',
  ...counts.loadBalancers.map((name): PaneId => `node:${name}`),
  ...counts.webNodes.map((name): PaneId => `node:${name}`),
  'rotation',
  'log',
  ...(counts.drill ? (['drill'] as const) : []),
];

/** Panes beside each other; `least`, `wanted`, `most`: rows of content. */
type Band = { ids: PaneId[]; weights: number[]; least: number; wanted: number; most: number };

const chunks = <T>(items: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

const bandsFor = (columns: number, rows: number, frame: Frame, counts: Counts): Band[] => {
  const node = (name: string): PaneId => `node:${name}`;
  const wide = columns >= 120;
  const heading = frame === 'box' ? 1 : 0;
  const vips = Math.max(1, counts.vips) + heading;
  const tall = Math.min(12, Math.max(5, Math.floor(rows / 5)));
  const beside = wide ? Math.max(40, Math.floor(columns * 0.36)) : 0;
  const top: Band = {
    ids: wide ? ['vips', 'rotation'] : ['vips'],
    weights: wide ? [columns - beside, beside] : [1],
    least: Math.min(vips, 3 + heading),
    wanted: Math.min(vips, 6 + heading),
    most: Math.min(vips, 12 + heading),
  };
  const even = (ids: PaneId[], least: number, wanted: number, most: number): Band => ({
    ids,
    weights: ids.map(() => 1),
    least,
    wanted,
    most,
  });
  const perRow = Math.max(1, Math.floor(columns / (wide ? 40 : 29)));
  const balancers = chunks(counts.loadBalancers.map(node), perRow).map((ids) => even(ids, 4, 5, tall));
  const cells: PaneId[] = wide ? counts.webNodes.map(node) : [...counts.webNodes.map(node), 'rotation'];
  const webs = chunks(cells, Math.max(1, Math.floor(columns / (wide ? 32 : 20)))).map((ids) =>
    even(ids, 3, 3, wide ? Math.max(3, Math.floor(tall / 2)) : Math.min(vips, 4)),
  );
  return [top, ...balancers, ...webs];
};

/** Where a drill stands beside the other panes: the columns it takes from them; 0 where it takes rows instead. */
const besideFor = (columns: number): number => (columns < 120 ? 0 : Math.min(96, Math.floor(columns * 0.44)));
/** Rows of content of a drill among the other panes: the least, and what they may grow beside before it grows. */
const DRILL = { least: 8, wanted: 13 };

/**
 * The places of all panes for a terminal of this size, or what is needed when it is too small. Never more than `rows` rows.
 * What does not fit is left out from the bottom, never squeezed into wrong numbers; the log always has its place, but for a drill,
 * which takes it where there is no room beside. `bar`: rows that are kept for the bar of a playback, above the footer.
 */
export const layout = (
  columns: number,
  rows: number,
  counts: Counts,
  bar = 0,
  frame: Frame = rows >= 36 && columns >= 100 ? 'box' : 'rule',
): Layout | { tooSmall: string } => {
  const beside = counts.drill ? besideFor(columns) : 0;
  if (beside > 0 && rows >= SMALLEST.rows) {
    const { drill: _, ...others } = counts;
    const left = layout(columns - beside, rows, others, bar, frame);
    if ('tooSmall' in left) return left;
    const wide = (rect: Rect): Rect => ({ ...rect, width: columns });
    const rect: Rect = { left: columns - beside, top: left.body.top, width: beside, height: left.body.height };
    return {
      ...left,
      header: wide(left.header),
      footer: wide(left.footer),
      bar: wide(left.bar),
      body: wide(left.body),
      panes: [...left.panes, { id: 'drill', rect }],
    };
  }
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) {
    return { tooSmall: `haconsole needs ${SMALLEST.columns}x${SMALLEST.rows}, this is ${columns}x${rows}` };
  }
  const overhead = frame === 'box' ? 2 : 1;
  const top = rows >= 24 ? 3 : 2;
  const body: Rect = { left: 0, top, width: columns, height: rows - top - 1 - bar };
  const bands: Band[] = [];
  // The last one takes what is left: the log, or a drill in its place.
  // The bar says what was said last: on the smallest screen it takes its row from the log, not from a node.
  const logLeast = bar === 1 ? 2 : 3;
  const last = counts.drill === 'instead' ? 'drill' : 'log';
  const lastLeast = last === 'drill' ? Math.min(DRILL.least, Math.floor(body.height / 2) - overhead) : logLeast;
  let used = lastLeast + overhead;
  const hidden: PaneId[] = counts.drill === undefined ? [] : [last === 'drill' ? 'log' : 'drill'];
  for (const band of bandsFor(columns, rows, frame, counts)) {
    if (used + band.least + overhead > body.height) hidden.push(...band.ids);
    else {
      bands.push(band);
      used += band.least + overhead;
    }
  }
  const heights = bands.map((band) => band.least);
  let spare = body.height - used;
  const grow = (goal: (band: Band) => number): void => {
    for (const [index, band] of bands.entries()) {
      const more = Math.min(spare, Math.max(0, goal(band) - (heights[index] ?? 0)));
      heights[index] = (heights[index] ?? 0) + more;
      spare -= more;
    }
  };
  const keepBack = (kept: number, goal: (band: Band) => number): void => {
    const own = Math.max(0, Math.min(spare, kept));
    spare -= own;
    grow(goal);
    spare += own;
  };
  keepBack(last === 'drill' ? DRILL.wanted - lastLeast : 0, (band) => band.wanted);
  keepBack(last === 'drill' ? spare : Math.max(3, Math.floor(rows / 5)), (band) => band.most);

  const panes: Layout['panes'] = [];
  let line = top;
  for (const [index, band] of bands.entries()) {
    const height = (heights[index] ?? 0) + overhead;
    const sum = band.weights.reduce((total, weight) => total + weight, 0);
    let left = 0;
    for (const [place, id] of band.ids.entries()) {
      const last = place === band.ids.length - 1;
      const width = last ? columns - left : Math.floor((columns * (band.weights[place] ?? 1)) / sum);
      panes.push({ id, rect: { left, top: line, width, height } });
      left += width;
    }
    line += height;
  }
  panes.push({ id: last, rect: { left: 0, top: line, width: columns, height: top + body.height - line } });
  const header: Rect = { left: 0, top: 0, width: columns, height: top };
  const footer: Rect = { left: 0, top: rows - 1, width: columns, height: 1 };
  return { header, footer, bar: { ...footer, top: rows - 1 - bar, height: bar }, body, frame, panes, hidden };
};
