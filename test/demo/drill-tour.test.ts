import { demoRig } from '../support/demo-rig.ts';
import { passingCases, tourCase } from '../support/drill-cases.ts';

// The other drills, five times each, are bench/drills.ts: a pipeline has not the time.
tourCase('the tour on the embedded cluster', demoRig);
passingCases('drills beyond the tutorial on the embedded cluster', demoRig, ['gentle', 'web-node-down']);
