import { guardCases, tourCase } from '../support/drill-cases.ts';
import { labRig } from './support/rig.ts';

// The other drills, five times each, are bench/drills.ts: a pipeline has not the time.
tourCase('the tour on the real pair', labRig);
guardCases('what guards a drill on the real pair', labRig);
