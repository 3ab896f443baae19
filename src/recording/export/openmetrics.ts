import { holdersOf } from '../../cluster/holding.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Playback } from '../playback.ts';

type Sample = { labels: string; value: number; at: number };
type Family = { name: string; type: 'gauge' | 'counter'; help: string; samples: Sample[] };

/** A label value: backslash, quote and line break escaped (OpenMetrics 1.0, ABNF `escaped-string`). */
const quoted = (text: string): string =>
  `"${visibleText(String(text), 300).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

const labels = (pairs: Record<string, string>): string =>
  `{${Object.entries(pairs)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(',')}}`;

const level = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

/** Seconds between two samples of one series. */
const EVERY = 1000;

/**
 * The history as OpenMetrics text with timestamps, for `promtool tsdb create-blocks-from openmetrics`: every series once a second.
 * Samples of a family stand together and in order of time, as the format demands; so this holds all of them in memory.
 */
export const openMetricsOf = (playback: Playback, from: number, to: number): string => {
  const families: Record<string, Family> = {
    haconsole_level: {
      name: 'haconsole_level',
      type: 'gauge',
      help: 'Verdict: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.',
      samples: [],
    },
    haconsole_vip_held: {
      name: 'haconsole_vip_held',
      type: 'gauge',
      help: 'Whether this node is proven to hold this VIP.',
      samples: [],
    },
    haconsole_vip_good: {
      name: 'haconsole_vip_good',
      type: 'counter',
      help: 'Good answers through this VIP since the session began.',
      samples: [],
    },
    haconsole_vip_lost: {
      name: 'haconsole_vip_lost',
      type: 'counter',
      help: 'Requests to this VIP that got no good answer since the session began.',
      samples: [],
    },
    haconsole_vip_answer_seconds: {
      name: 'haconsole_vip_answer_seconds',
      type: 'gauge',
      help: 'How long the newest good answer took.',
      samples: [],
    },
  };
  const add = (family: string, pairs: Record<string, string>, value: number, state: State) => {
    families[family]?.samples.push({
      labels: labels({ cluster: state.topology.name, ...pairs }),
      value,
      at: state.now.wall / 1000,
    });
  };
  const sample = (state: State) => {
    add('haconsole_level', {}, level[state.verdict.level], state);
    for (const address of state.topology.vips) {
      const vip = state.vips[address];
      if (!vip) continue;
      const holders = holdersOf(state, vip);
      for (const node of state.topology.nodes)
        if (node.role === 'lb')
          add('haconsole_vip_held', { vip: address, node: node.name }, holders.includes(node.name) ? 1 : 0, state);
      add('haconsole_vip_good', { vip: address }, vip.probe.good, state);
      add('haconsole_vip_lost', { vip: address }, vip.probe.bad, state);
      const ms = vip.probe.last?.ok ? vip.probe.last.ms : undefined;
      if (ms !== undefined)
        add('haconsole_vip_answer_seconds', { vip: address }, Math.round(ms * 100) / 100_000, state);
    }
  };
  let next = from;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { event, after } of playback.walk(from, to)) {
    // A clock that was set back would put samples before older ones.
    if (event.at.mono < next || event.at.wall <= newest) continue;
    sample(after);
    next = event.at.mono + EVERY;
    newest = event.at.wall;
  }
  const text = Object.values(families).map(({ name, type, help, samples }) => {
    const series = new Map<string, Sample[]>();
    for (const one of samples) {
      const known = series.get(one.labels);
      if (known) known.push(one);
      else series.set(one.labels, [one]);
    }
    const suffix = type === 'counter' ? '_total' : '';
    const lines = [...series.values()]
      .flat()
      .map((one) => `${name}${suffix}${one.labels} ${one.value} ${one.at.toFixed(3)}\n`);
    return `# TYPE ${name} ${type}\n# HELP ${name} ${help}\n${lines.join('')}`;
  });
  return `${text.join('')}# EOF\n`;
};
