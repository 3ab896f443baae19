import type { VrrpInstance } from '../../cluster/readings.ts';
import { parseKeepalivedData } from './keepalived-data.ts';
import { parseKeepalivedJson } from './keepalived-json.ts';
import type { Parsed } from './parsed.ts';

/** What `keepalived_dump` prints: JSON where keepalived can, else DATA and STATS. */
export const parseKeepalivedDump = (text: string): Parsed<VrrpInstance[]> =>
  /^\s*[[{]/.test(text) ? parseKeepalivedJson(text) : parseKeepalivedData(text);
