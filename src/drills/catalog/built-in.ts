import { type Drill, type DrillSource, drillSchema } from '../drill.ts';
import { allNormal } from './all-normal.ts';
import { backupReturns } from './backup-returns.ts';
import { bothDown } from './both-down.ts';
import { gentle } from './gentle.ts';
import { keepalivedCrash } from './keepalived-crash.ts';
import { lb1Down } from './lb1-down.ts';
import { masterReturns } from './master-returns.ts';
import { nginxBroken } from './nginx-broken.ts';
import { nginxCrash } from './nginx-crash.ts';
import { nginxHung } from './nginx-hung.ts';
import { tour } from './tour.ts';
import { webNodeDown } from './web-node-down.ts';
import { webNodeHung } from './web-node-hung.ts';

/** In the order they are listed: the tutorial's cases first. */
const sources: readonly DrillSource[] = [
  allNormal,
  lb1Down,
  bothDown,
  backupReturns,
  masterReturns,
  tour,
  nginxCrash,
  nginxBroken,
  nginxHung,
  keepalivedCrash,
  gentle,
  webNodeDown,
  webNodeHung,
];

let checked: readonly Drill[] | undefined;

/** The drills that come with haconsole. Checked when they are first asked for: a console that starts has better things to do. */
export const builtInDrills = (): readonly Drill[] => {
  checked ??= sources.map((source) => drillSchema.parse(source));
  return checked;
};

/** Their names, which no drill of one's own may take. */
export const builtInNames: readonly string[] = sources.map((source) => source.name);

/** A drill by its name: one of these, else a built-in one. */
export const findDrill = (name: string, own: readonly Drill[] = []): Drill | undefined =>
  own.find((drill) => drill.name === name) ?? builtInDrills().find((drill) => drill.name === name);
