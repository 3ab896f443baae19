import { demoRig } from '../support/demo-rig.ts';
import { tourCase } from '../support/drill-cases.ts';

tourCase('the tour on the embedded cluster', demoRig);
