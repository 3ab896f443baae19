import type { Analysis, VipReport } from './analysis.ts';
import type { Bucket } from './answers.ts';
import { html, type Markup } from './markup.ts';
import { holderWords } from './story.ts';
import { clockUtc, lengthWords } from './words.ts';

const WIDTH = 1000;
const LEFT = 132;
const RIGHT = 12;
const LANE = 22;
const AXIS = 26;

/** Colours of the nodes: distinguishable without red and green (Okabe and Ito), and each lane bears its name as text. */
const PALETTE = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];

/** Web nodes do not begin with the colours of the load balancers. */
const WEB_COLOURS = 2;

type Scale = { from: number; to: number; x: (mono: number) => number };

const scaleOf = (analysis: Analysis): Scale => {
  const { from, to } = analysis.window;
  const length = Math.max(1, to.mono - from.mono);
  return {
    from: from.mono,
    to: to.mono,
    x: (mono) => LEFT + ((Math.max(from.mono, Math.min(to.mono, mono)) - from.mono) / length) * (WIDTH - LEFT - RIGHT),
  };
};

const n = (value: number): string => String(Math.round(value * 10) / 10);

const STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
];

/** Vertical lines at round times of day, with their labels at the foot. */
const axis = (analysis: Analysis, scale: Scale, height: number): Markup => {
  const seconds = (scale.to - scale.from) / 1000;
  const step = (STEPS.find((one) => seconds / one <= 8) ?? 86_400) * 1000;
  const { from } = analysis.window;
  const ticks: Markup[] = [];
  for (let wall = Math.ceil(from.wall / step) * step; wall <= from.wall + seconds * 1000; wall += step) {
    const x = scale.x(from.mono + wall - from.wall);
    const label = clockUtc(wall).slice(0, step < 1000 ? 10 : 8);
    const anchor = x > WIDTH - 50 ? 'end' : x < LEFT + 30 ? 'start' : 'middle';
    ticks.push(
      html`<line class="grid" x1="${n(x)}" x2="${n(x)}" y1="0" y2="${n(height)}"/><text class="tick" x="${n(x)}" y="${n(height + 15)}" text-anchor="${anchor}">${label}</text>`,
    );
  }
  return html`<g>${ticks}</g>`;
};

const svg = (title: string, height: number, body: Markup[]): Markup =>
  html`<svg viewBox="0 0 ${WIDTH} ${n(height + AXIS)}" role="img" aria-label="${title}">${body}</svg>`;

const label = (y: number, text: string): Markup =>
  html`<text class="name" x="${LEFT - 8}" y="${n(y)}" text-anchor="end">${text.length > 20 ? `${text.slice(0, 19)}…` : text}</text>`;

/** Gaps of the record over the whole height of a chart. */
const gapsOver = (analysis: Analysis, scale: Scale, height: number): Markup[] =>
  analysis.gaps.map(
    (gap) =>
      html`<rect class="gap" x="${n(scale.x(gap.from))}" y="0" width="${n(Math.max(1, scale.x(gap.to) - scale.x(gap.from)))}" height="${n(height)}"><title>not recorded: ${gap.why}</title></rect>`,
  );

const holdClass = (holders: string[] | null, nodes: string[]): string => {
  if (holders === null) return 'unknown';
  if (holders.length === 0) return 'nobody';
  if (holders.length > 1) return 'both';
  return PALETTE[Math.max(0, nodes.indexOf(holders[0] as string)) % PALETTE.length] as string;
};

/** Who held each VIP: a lane for each. */
export const holderChart = (analysis: Analysis): Markup => {
  const scale = scaleOf(analysis);
  const nodes = [...new Set(analysis.vips.flatMap((vip) => vip.holds.flatMap((hold) => hold.holders ?? [])))].sort();
  const height = analysis.vips.length * (LANE + 6);
  const lanes = analysis.vips.flatMap((vip, index) => {
    const y = index * (LANE + 6);
    return [
      label(y + 16, vip.address),
      ...vip.holds.map((hold) => {
        const x = scale.x(hold.from);
        const width = Math.max(0.8, scale.x(hold.to) - x);
        const words = holderWords(hold.holders);
        const at = clockUtc(analysis.window.from.wall + hold.from - analysis.window.from.mono);
        return html`<g class="hold ${holdClass(hold.holders, nodes)}"><rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${LANE}"><title>${words} from ${at} for ${lengthWords(hold.to - hold.from)}</title></rect>${width > 7 * words.length + 10 ? html`<text x="${n(x + 6)}" y="${n(y + 15)}">${words}</text>` : ''}</g>`;
      }),
    ];
  });
  return svg('who held each VIP', height, [
    axis(analysis, scale, height),
    ...lanes,
    ...gapsOver(analysis, scale, height),
  ]);
};

const bars = (vip: VipReport, analysis: Analysis, scale: Scale, y: number, height: number): Markup[] => {
  const most = Math.max(1, ...vip.series.map((one) => one.good + one.lost + one.unknown));
  const width = Math.max(0.8, scale.x(scale.from + analysis.bucket) - scale.x(scale.from) - 0.4);
  return vip.series.map((bucket) => {
    const x = scale.x(bucket.from);
    let foot = y + height;
    const part = (kind: string, count: number): Markup | '' => {
      if (count === 0) return '';
      const tall = (count / most) * height;
      foot -= tall;
      return html`<rect class="${kind}" x="${n(x)}" y="${n(foot)}" width="${n(width)}" height="${n(tall)}"/>`;
    };
    // Lost ones stand at the foot, where one is seen beside a hundred good ones.
    const lost =
      bucket.lost > 0
        ? html`<rect class="lostmark" x="${n(x)}" y="${n(y - 4)}" width="${n(Math.max(2, width))}" height="3"/>`
        : '';
    return html`<g><title>${clockUtc(analysis.window.from.wall + bucket.from - analysis.window.from.mono)}: ${bucket.good} good, ${bucket.lost} lost, ${bucket.unknown} not known</title>${part('lost', bucket.lost)}${part('dim', bucket.unknown)}${part('good', bucket.good)}${lost}</g>`;
  });
};

/** Good and lost answers of each VIP over time. */
export const answerChart = (analysis: Analysis): Markup => {
  const scale = scaleOf(analysis);
  const tall = 34;
  const height = analysis.vips.length * (tall + 14);
  return svg('good and lost answers', height, [
    axis(analysis, scale, height),
    ...analysis.vips.flatMap((vip, index) => {
      const y = index * (tall + 14) + 8;
      return [
        label(y + 14, vip.address),
        html`<text class="tick" x="${LEFT - 8}" y="${n(y + 28)}" text-anchor="end">${vip.lost} lost of ${vip.good + vip.lost}</text>`,
        ...bars(vip, analysis, scale, y, tall),
      ];
    }),
    ...gapsOver(analysis, scale, height),
  ]);
};

const niceTop = (value: number): number => {
  const size = 10 ** Math.floor(Math.log10(Math.max(0.1, value)));
  return [1, 2, 5, 10].map((one) => one * size).find((one) => one >= value) ?? 10 * size;
};

const middle = (bucket: Bucket): number => bucket.sum / Math.max(1, bucket.good);

/** Latency of the good answers of each VIP: the band from fastest to slowest, the mean as a line. */
export const latencyChart = (analysis: Analysis): Markup => {
  const scale = scaleOf(analysis);
  const tall = 60;
  const height = analysis.vips.length * (tall + 16);
  return svg('latency', height, [
    axis(analysis, scale, height),
    ...analysis.vips.flatMap((vip, index) => {
      const y = index * (tall + 16) + 8;
      const known = vip.series.filter((bucket) => bucket.good > 0);
      const top = niceTop(Math.max(0, ...known.map((bucket) => bucket.most ?? 0)));
      const at = (ms: number) => y + tall - (Math.min(ms, top) / top) * tall;
      const half = analysis.bucket / 2;
      // A stretch without answers breaks the line: nothing is drawn over an outage.
      const runs: Bucket[][] = [];
      for (const bucket of known) {
        const last = runs.at(-1)?.at(-1);
        if (last && bucket.from - last.from <= analysis.bucket * 1.5) runs.at(-1)?.push(bucket);
        else runs.push([bucket]);
      }
      return [
        label(y + 14, vip.address),
        html`<text class="tick" x="${LEFT - 8}" y="${n(y + 28)}" text-anchor="end">0 to ${top} ms</text>`,
        html`<line class="foot" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${n(y + tall)}" y2="${n(y + tall)}"/>`,
        ...runs.map((run) => {
          const point = (bucket: Bucket, ms: number) => `${n(scale.x(bucket.from + half))},${n(at(ms))}`;
          const upper = run.map((bucket) => point(bucket, bucket.most ?? 0));
          const lower = run.map((bucket) => point(bucket, bucket.least ?? 0)).reverse();
          const mean = run.map((bucket) => point(bucket, middle(bucket)));
          return run.length === 1
            ? html`<line class="mean" x1="${n(scale.x(run[0]!.from + half))}" x2="${n(scale.x(run[0]!.from + half))}" y1="${n(at(run[0]!.most ?? 0))}" y2="${n(at(run[0]!.least ?? 0) + 1)}"/>`
            : html`<polygon class="band" points="${[...upper, ...lower].join(' ')}"/><polyline class="mean" points="${mean.join(' ')}"/>`;
        }),
      ];
    }),
    ...gapsOver(analysis, scale, height),
  ]);
};

/** Which web node served, as shares of each slice over all VIPs. */
export const rotationChart = (analysis: Analysis): Markup => {
  const scale = scaleOf(analysis);
  const slices = new Map<number, Record<string, number>>();
  for (const vip of analysis.vips)
    for (const bucket of vip.series) {
      const slice = slices.get(bucket.from) ?? {};
      for (const [web, count] of Object.entries(bucket.served)) slice[web] = (slice[web] ?? 0) + count;
      slices.set(bucket.from, slice);
    }
  const webs = [...new Set([...slices.values()].flatMap((slice) => Object.keys(slice)))].sort();
  const tall = 56;
  const width = Math.max(0.8, scale.x(scale.from + analysis.bucket) - scale.x(scale.from) - 0.2);
  const columns = [...slices].map(([from, slice]) => {
    const total = Object.values(slice).reduce((sum, count) => sum + count, 0);
    let y = 4;
    const parts = webs.map((web, index) => {
      const height = total === 0 ? 0 : ((slice[web] ?? 0) / total) * tall;
      const part = html`<rect class="${PALETTE[(index + WEB_COLOURS) % PALETTE.length] as string}" x="${n(scale.x(from))}" y="${n(y)}" width="${n(width)}" height="${n(height)}"/>`;
      y += height;
      return part;
    });
    const words = webs.map((web) => `${web} ${slice[web] ?? 0}`).join(', ');
    return html`<g class="share"><title>${words}</title>${parts}</g>`;
  });
  const total = (web: string) => [...slices.values()].reduce((sum, slice) => sum + (slice[web] ?? 0), 0);
  const names = webs.map(
    (web, index) =>
      html`<g><rect class="${PALETTE[(index + WEB_COLOURS) % PALETTE.length] as string}" x="0" y="${n(6 + index * 17)}" width="10" height="10"/><text class="name" x="16" y="${n(15 + index * 17)}">${web.length > 12 ? `${web.slice(0, 11)}…` : web} ${total(web)}</text></g>`,
  );
  const height = Math.max(tall + 8, webs.length * 17 + 8);
  return svg('which web node served', height, [
    axis(analysis, scale, height),
    ...names,
    ...columns,
    ...gapsOver(analysis, scale, height),
  ]);
};
