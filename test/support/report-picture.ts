// Makes docs/pictures/report.png: the top of the HTML report of the recorded tour. Needs a built console and chromium:
// `npm run build && node test/support/report-picture.ts`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'report-picture-'));
const page = join(directory, 'report.html');
const session = join(root, 'fixtures', 'recordings', 'tour-lab-v1.hacs.jsonl.gz');
execFileSync(process.execPath, [join(root, 'bin', 'haconsole.mjs'), 'report', session, '-o', page]);
execFileSync('chromium', [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=1000,1490'],
  `--screenshot=${join(root, 'docs', 'pictures', 'report.png')}`,
  `file://${page}`,
]);
rmSync(directory, { recursive: true });
