import { demoRig } from '../support/demo-rig.ts';
import { passingCases } from '../support/drill-cases.ts';

passingCases('drills beyond the tutorial on the embedded cluster', demoRig, [
  'nginx-broken',
  'nginx-hung',
  'gentle',
  'web-node-down',
  'web-node-hung',
]);
