import { runLine } from '../shell.ts';
import { failed, type Tool } from './tool.ts';

/** `sh -c TEXT`: one line, as `runLine` understands it. */
export const sh: Tool = (context, [option, text]) =>
  option === '-c' && text !== undefined
    ? runLine({ ...context, shell: 'sh' }, text)
    : failed('This machine is modelled: sh needs -c here.', 2);
