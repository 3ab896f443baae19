import type { Drill } from '../drill.ts';
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

/** The drills that come with haconsole, in the order they are listed: the tutorial's cases first. */
export const builtInDrills: readonly Drill[] = [
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

/** A drill by its name: one of these, else a built-in one. */
export const findDrill = (name: string, own: readonly Drill[] = []): Drill | undefined =>
  own.find((drill) => drill.name === name) ?? builtInDrills.find((drill) => drill.name === name);
