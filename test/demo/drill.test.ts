import { demoRig } from '../support/demo-rig.ts';
import { guardCases, passingCases } from '../support/drill-cases.ts';

guardCases('what guards a drill on the embedded cluster', demoRig);
passingCases('a crash on the embedded cluster', demoRig, ['nginx-crash']);
