import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../fixtures/samples/', import.meta.url);

/** A captured output: `<node>.<command>.<state>.txt`. `text` is without the `$ command` line at its head. */
export type Sample = { name: string; node: string; command: string; state: string; text: string };

/** All captured outputs of this command (the part of the name between node and state). */
export const samples = (command: string): Sample[] => {
  const found = readdirSync(FOLDER)
    .map((name) => {
      const [node = '', ...rest] = name.replace(/\.txt$/, '').split('.');
      const state = rest.pop() ?? '';
      return { name, node, command: rest.join('.'), state };
    })
    .filter((sample) => sample.command === command)
    .map((sample) => ({ ...sample, text: readFileSync(new URL(sample.name, FOLDER), 'utf8').replace(/^\$ .*\n/, '') }));
  if (found.length === 0) throw new Error(`no sample of ${command}`);
  return found;
};

/** The one sample of this name. */
export const sample = (name: string): Sample => {
  const [node, ...rest] = name.split('.');
  const state = rest.pop();
  const found = samples(rest.join('.')).find((one) => one.node === node && one.state === state);
  if (!found) throw new Error(`no sample ${name}`);
  return found;
};
