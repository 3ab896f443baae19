import { visibleText } from '../cluster/visible-text.ts';
import { ConfigError } from '../config/errors.ts';
import { builtInDrills, findDrill } from '../drills/catalog/built-in.ts';
import type { Drill } from '../drills/drill.ts';
import { showDrill } from '../drills/show.ts';
import { loadOwnDrills } from '../session/own-drills.ts';
import { clusterOf } from './cluster.ts';
import { runDrillCommand } from './drill-run.ts';
import type { CommonFlags, Io } from './io.ts';
import type { RecordFlags } from './record.ts';

/** What `drill` was given beside the common flags. */
export type DrillFlags = CommonFlags &
  RecordFlags & {
    words: string[];
    yes: boolean;
    step: boolean;
    confirm?: string;
    junit?: string;
    restoreAfter?: string;
  };

const VERBS = ['list', 'show', 'run'];

/** Own drills lie beside the cluster file; without one there are the built-in ones. A file that was named must be there. */
const ownDrills = async (flags: DrillFlags, io: Io): Promise<Drill[]> => {
  let file: string | undefined;
  try {
    file = (await clusterOf(flags, io)).file;
  } catch (error) {
    if (flags.config !== undefined || !(error instanceof ConfigError) || error.file !== undefined) throw error;
  }
  return loadOwnDrills(file);
};

const listText = (own: readonly Drill[]): string => {
  const all = [...builtInDrills(), ...own];
  const width = Math.max(...all.map((drill) => drill.name.length));
  return all
    .map((drill) => `${drill.name.padEnd(width)}  ${drill.title}${own.includes(drill) ? ' (own)' : ''}\n`)
    .map((line) => visibleText(line.trimEnd(), 300).concat('\n'))
    .join('');
};

/** `haconsole drill list|show NAME|run NAME`. Resolves to the exit status. */
export const drillCommand = async (flags: DrillFlags, io: Io): Promise<number> => {
  const refuse = (sentence: string): number => {
    io.stderr.write(`haconsole drill: ${visibleText(sentence)}\n`);
    return 2;
  };
  const [verb, name, ...more] = flags.words;
  if (verb === undefined || !VERBS.includes(verb))
    return refuse(`drill what? one of ${VERBS.join(', ')}${verb === undefined ? '' : `, not ${JSON.stringify(verb)}`}`);
  if (verb === 'list') {
    if (name !== undefined) return refuse(`list takes no ${JSON.stringify(name)}`);
    const own = await ownDrills(flags, io);
    if (flags.json) {
      const rows = [...builtInDrills(), ...own].map((drill) => ({
        name: drill.name,
        title: drill.title,
        shows: drill.shows,
        own: own.includes(drill),
      }));
      io.stdout.write(`${JSON.stringify({ schema: 'haconsole.drills/1', drills: rows }, null, 2)}\n`);
    } else io.stdout.write(listText(own));
    return 0;
  }
  if (name === undefined) return refuse(`${verb} which drill? haconsole drill list tells their names`);
  if (more.length > 0) return refuse(`${verb} takes one drill, not also ${JSON.stringify(more[0])}`);
  if (verb === 'run') return runDrillCommand({ ...flags, name }, io);
  const drill = findDrill(name, await ownDrills(flags, io));
  if (!drill) return refuse(`no drill is named ${name}; haconsole drill list tells their names`);
  io.stdout.write(
    flags.json
      ? `${JSON.stringify(drill, null, 2)}\n`
      : showDrill(drill)
          .split('\n')
          .map((line) => visibleText(line, 2000))
          .join('\n'),
  );
  return 0;
};
