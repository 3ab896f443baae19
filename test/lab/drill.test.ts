import { guardCases, passingCases, tourCase } from '../support/drill-cases.ts';
import { labRig } from './support/rig.ts';

tourCase('the tour on the real pair', labRig);
guardCases('what guards a drill on the real pair', labRig);
passingCases('a crash on the real pair', labRig, ['keepalived-crash']);
