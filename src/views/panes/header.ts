import { brokenHop } from '../../cluster/select.ts';
import type { Finding, State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { PlaybackView } from '../../session/playback-view.ts';
import type { RecordingView } from '../../session/store.ts';
import { drillShown, drillUnderWay, phaseWords } from '../parts/drill-now.ts';
import { changedCount, isLit, LIT_FOR } from '../parts/marks.ts';
import { newestNews } from '../parts/newest.ts';
import { restoresRow } from '../parts/restore-words.ts';
import { ends, fitRow, joined, type Row, span } from '../parts/rows.ts';
import { clockTime, howLong } from '../parts/times.ts';
import { linkWords, verdictWords } from '../parts/words.ts';
import type { Look, Role } from '../theme.ts';

/** `shown` is what the panes show, `live` what is known now; they differ while the picture is frozen, and in the past. */
export type HeaderInput = {
  shown: State;
  live: State;
  frozen: boolean;
  /** The picture is of the past. */
  playback?: PlaybackView;
  /** It is drawn from a recording for others to play: wall times are in UTC. */
  recorded?: true;
  readOnly: boolean;
  recording: RecordingView;
  /** A question of the transport waits until the line being typed is finished. */
  questionWaits: boolean;
  /** Id of the drill whose pane was put away. */
  closedDrill: number | null;
  look: Look;
  width: number;
  height: number;
};

const levels: Record<Finding['level'], { glyph: 'good' | 'warn' | 'bad' | 'unknown'; role: Role }> = {
  OK: { glyph: 'good', role: 'calm' },
  WARNING: { glyph: 'warn', role: 'caution' },
  CRITICAL: { glyph: 'bad', role: 'alarm' },
  UNKNOWN: { glyph: 'unknown', role: 'blind' },
};

/** `✗ CRITICAL split brain` */
const verdictRow = (finding: Finding, look: Look, lit = false): Row => {
  const { glyph, role } = levels[finding.level];
  const text = `${look.glyphs[glyph]} ${finding.level} ${verdictWords[finding.code]}`;
  // The others are inverse already; a new OK is lit for its two seconds.
  return finding.level === 'OK' ? [span(text, role, { lit })] : [span(` ${text} `, role)];
};

/** `▸ REPLAY 12:03:10Z`, and whether the file is to be trusted; `◂ LOOK-BACK 3m, 2 since`. */
const pastRow = ({ shown, live, look }: HeaderInput, view: PlaybackView): Row => {
  const time = `${clockTime(view.wall)}${view.zone === 'utc' ? 'Z' : ''}`;
  if (view.kind === 'look-back') {
    const news = live.nextNotice - shown.nextNotice;
    return [
      span(` ${look.glyphs.back} LOOK-BACK ${howLong(live.now.mono - view.position)}, ${news} since `, 'caution'),
      span(` ${time}`),
    ];
  }
  const sign = view.playing ? look.glyphs.play : look.glyphs.frozen;
  return [
    ...(view.trouble
      ? [span(` ${view.trouble.word} `, view.trouble.level === 'bad' ? 'alarm' : 'blind'), span(' ')]
      : []),
    span(` ${sign} REPLAY `, 'caution'),
    span(` ${time}`),
  ];
};

const clockRow = (input: HeaderInput): Row => {
  const { shown, live, frozen, look } = input;
  if (input.playback) return pastRow(input, input.playback);
  if (input.recorded)
    return [span(look.glyphs.good, 'dim'), span(' RECORDED', 'strong'), span(` ${clockTime(live.now.wall)}Z`)];
  if (!frozen) return [span(look.glyphs.good, 'good'), span(' LIVE', 'strong'), span(` ${clockTime(live.now.wall)}`)];
  const news = live.nextNotice - shown.nextNotice;
  const age = howLong(live.now.mono - shown.now.mono);
  return [
    span(` ${look.glyphs.frozen} FROZEN ${age}, ${news} since `, 'caution'),
    span(` ${clockTime(shown.now.wall)}`),
  ];
};

const newsRow = (state: State): Row => {
  const at = newestNews(state);
  if (at === undefined) return [span('no news yet', 'unknown')];
  const calm = Math.max(3000, 2 * state.topology.interval);
  const age = state.now.mono - at;
  return age <= calm
    ? [span(`news <${Math.round(calm / 1000)}s old`, 'dim')]
    : [span(`! no news for ${howLong(age)}`, 'warn')];
};

const hopsRow = (state: State, look: Look): Row => {
  const now = state.now.mono;
  if (state.hops.length === 0) return [span('connected directly', 'dim')];
  const broken = brokenHop(state);
  if (broken) return [span(`via ${broken.name} `, 'strong'), ...linkWords(broken.link, now, look)];
  return [
    span('via ', 'dim'),
    ...joined(
      state.hops.map(
        (hop): Row => [
          span(`${hop.name} `, 'plain', { lit: isLit(state, `link:${hop.name}`) }),
          ...linkWords(hop.link, now, look),
        ],
      ),
      span(` ${look.glyphs.arrow} `, 'dim'),
    ),
  ];
};

const nodesRow = (state: State, look: Look): Row => {
  const nodes = Object.values(state.nodes);
  // A link that is up says little: its keepalive needs seconds to notice. What counts is that the node answers.
  const off = nodes.filter((node) => node.link.phase !== 'up' || node.addresses.failure !== undefined);
  const text = `${nodes.length - off.length}/${nodes.length} nodes reached`;
  if (off.length === 0) return [span(text, 'dim')];
  return [span(text), span(` (${look.glyphs.unknown} ${off.map((node) => node.name).join(', ')})`, 'unknown')];
};

/** What is wrong with the file. */
const troubleRow = ({ playback, look }: HeaderInput): Row[] => {
  const trouble = playback?.trouble;
  if (!trouble) return [];
  const { level, text } = trouble;
  const sign = level === 'bad' ? look.glyphs.bad : look.glyphs.warn;
  return [[span(`${sign} ${visibleText(text, 300)}`, level)]];
};

/** `DRILL both-down step 3 of 7, 12 s`; one that could not be restored stays until its pane is put away. Null: none. */
const drillRow = ({ live, look, closedDrill }: HeaderInput): Row | null => {
  const view = drillUnderWay(live);
  if (view) {
    const seconds = Math.floor((live.now.mono - view.from.mono) / 1000);
    return [
      span(` DRILL ${visibleText(view.name, 40)} `, 'caution'),
      span(` ${phaseWords(view)}, ${seconds} s`, 'strong'),
    ];
  }
  const last = drillShown(live, { closedDrill });
  if (last?.outcome?.restored !== false) return null;
  return [span(` ${look.glyphs.bad} DRILL ${visibleText(last.name, 40)} NOT RESTORED `, 'alarm')];
};

const connectionRow = (input: HeaderInput): Row => {
  const { live, look } = input;
  const marks = changedCount(live);
  const restores = restoresRow(live, look);
  const drill = drillRow(input);
  const parts: Row[] = [
    ...(input.questionWaits
      ? [
          [
            span(
              ` ${look.glyphs.unknown} a question waits: ${input.playback ? 'end goes back to now' : 'finish this line or leave it (esc)'} `,
              'caution',
            ),
          ],
        ]
      : []),
    ...troubleRow(input),
    ...(drill ? [drill] : []),
    ...(restores ? [restores] : []),
    hopsRow(live, look),
    nodesRow(live, look),
    newsRow(live),
    ...(marks === 0 ? [] : [[span(`${look.glyphs.changed} ${marks} changed${input.playback ? '' : ' (c)'}`, 'dim')]]),
  ];
  return joined(parts, span(` ${look.glyphs.dot} `, 'dim'));
};

const reasonRow = ({ shown, live, frozen, playback, look }: HeaderInput): Row => {
  const { verdict } = shown;
  const changed =
    (frozen || playback?.now) && (live.verdict.code !== verdict.code || live.verdict.level !== verdict.level);
  const also = verdict.also.map((finding) => `${verdictWords[finding.code]}: ${visibleText(finding.reason, 200)}`);
  return [
    ...(changed
      ? [span('now ', 'strong'), ...verdictRow(live.verdict, look), span(` ${visibleText(live.verdict.reason, 300)} `)]
      : []),
    ...(changed ? [span(`${look.glyphs.dot} ${frozen ? 'frozen' : 'then'}: `, 'dim')] : []),
    span(visibleText(verdict.reason, 300), verdict.level === 'OK' ? 'plain' : 'strong'),
    ...(also.length === 0 ? [] : [span(` ${look.glyphs.dot} also ${also.join('; ')}`, 'dim')]),
  ];
};

/** `REC`, small and still; red with the reason while recording fails. */
const recordingBadge = (recording: RecordingView, look: Look): Row => {
  if (recording.phase === 'off') return [];
  if (recording.phase === 'recording') return [span('REC ', recording.lost > 0 ? 'caution' : 'dim')];
  return [span(` REC ${look.glyphs.failed} ${visibleText(recording.why, 40)} `, 'alarm'), span(' ')];
};

/** The header: which cluster, its verdict and why, live or frozen, how we are connected, how old the news is. */
export const headerRows = (input: HeaderInput): Row[] => {
  const { shown, look, width, height } = input;
  const { topology, verdict } = shown;
  const badges: Row = [
    ...recordingBadge(input.recording, look),
    ...(topology.protected ? [span('PROTECTED ', 'warn')] : []),
    ...(input.readOnly ? [span('READ-ONLY ', 'accent')] : []),
  ];
  const left: Row = [
    span(visibleText(topology.name, 30), 'strong'),
    span('  '),
    ...verdictRow(verdict, look, shown.now.mono - verdict.since.mono < LIT_FOR),
    span(` for ${howLong(shown.now.mono - verdict.since.mono)} `, 'dim'),
  ];
  const first = ends(left, [...badges, ...clockRow(input)], width, look);
  const connection = fitRow(connectionRow(input), width, look);
  const reason = fitRow(reasonRow(input), width, look);
  if (height >= 3) return [first, reason, connection];
  const urgent = input.questionWaits || (verdict.level === 'OK' && !input.frozen && !input.playback?.now);
  if (urgent) return [first, connection];
  const before = [drillRow(input), restoresRow(input.live, look)].filter((row) => row !== null);
  const rows = joined([...before, reasonRow(input)], span(` ${look.glyphs.dot} `, 'dim'));
  return [first, fitRow(rows, width, look)];
};
