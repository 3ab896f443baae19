// Says what failed, then counts: `node .ci/count.mjs REPORT…`, the JSON reports of vitest. A report that is not there is a failure.
import { readFileSync } from 'node:fs';

const LINES = 12;
let passed = 0;
let failed = 0;

for (const path of process.argv.slice(2)) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    console.log(`${path}: these tests did not run to their end`);
    failed += 1;
    continue;
  }
  passed += report.numPassedTests;
  // A file that could not be loaded, or an error outside of any test, fails no test but the run.
  failed += Math.max(report.numFailedTests, report.success ? 0 : 1);
  for (const { name, message, assertionResults } of report.testResults) {
    const bad = assertionResults.filter((one) => one.status === 'failed');
    if (message && bad.length === 0) console.log(`FAILED ${name}\n${message}`);
    for (const { fullName, failureMessages } of bad)
      console.log(`FAILED ${name}: ${fullName}\n${failureMessages.join('\n').split('\n').slice(0, LINES).join('\n')}`);
  }
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
