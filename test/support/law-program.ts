// Watches a cluster, records it, and holds what was live against the file: `node law-program.ts CLUSTER FILE`, until a line comes on stdin.
// Prints `healthy` when it is, and the report as JSON at its end.

import { keepSteps, lawReport } from './keeps-the-law.ts';
import { liveOn } from './record-live.ts';

const [cluster = '', file = ''] = process.argv.slice(2);
const session = await liveOn(cluster, file);
const steps = keepSteps(session);
let last = '';
session.onEvent(() => {
  const { code } = session.state().verdict;
  if (code !== last) process.stdout.write(`${code}\n`);
  last = code;
});
await new Promise((resolve) => process.stdin.once('data', resolve));
const closed = await session.stop();
process.stdout.write(`${JSON.stringify(await lawReport(closed?.file ?? file, steps))}\n`);
process.exit(0);
