import { readFileSync } from 'node:fs';
import { getAsset, isSea } from 'node:sea';

/** The licences of everything that is in this build: an asset of the executable, else a file beside the bundle. Throws where nothing was built. */
export const licencesText = (): string =>
  isSea() ? getAsset('licences.txt', 'utf8') : readFileSync(new URL('./licences.txt', import.meta.url), 'utf8');
