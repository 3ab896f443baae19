import { actCases } from '../support/act-cases.ts';
import { demoRig } from '../support/demo-rig.ts';

actCases('acting on the embedded cluster', demoRig);
