import { checkAgainst, throwFirst } from '../config/check.ts';
import { describeValue } from '../config/errors.ts';
import { type Path, readSource, type Source } from '../config/source.ts';
import { deedOf, servicesTouched } from './deed.ts';
import { type Act, type Drill, type DrillStep, drillSchema } from './drill.ts';

type Complain = (path: Path, found: string, expected: string) => void;

/** Whether a role is a web node's or a load balancer's; undefined: a node's own name, which only the cluster can tell. */
const kindOf = (role: string): 'lb' | 'web' | undefined =>
  role.startsWith('web.') ? 'web' : role === 'master' || role === 'backup' ? 'lb' : undefined;

const fits = (role: string, services: readonly string[]): boolean => {
  const kind = kindOf(role);
  return kind === undefined || services.every((service) => (service === 'web') === (kind === 'web'));
};

const checkAct = (act: Act, on: string, path: Path, complain: Complain): void => {
  if (!fits(on, servicesTouched(deedOf(act))))
    complain([...path, 'on'], describeValue(on), `a node that has the service of ${describeValue(act)}`);
};

const checkSteps = (steps: readonly DrillStep[], at: string, complain: Complain): void => {
  for (const [index, step] of steps.entries()) {
    const path = [at, index];
    if ('act' in step) checkAct(step.act, step.on, path, complain);
    if (!('wait' in step)) continue;
    const { wait } = step;
    const service = 'running' in wait ? wait.running : 'stopped' in wait ? wait.stopped : undefined;
    if (service !== undefined && 'on' in wait && !fits(wait.on, [service]))
      complain([...path, 'wait', 'on'], describeValue(wait.on), `a node that has ${service}`);
    if ('line' in wait && kindOf(wait.on) === 'web')
      complain([...path, 'wait', 'on'], describeValue(wait.on), 'a load balancer, which has a check log');
  }
};

const checkNames = (drill: Drill, complain: Complain): void => {
  const order = [...drill.setup, ...drill.method].map((step) => step.id);
  const seen = new Set<string>();
  for (const at of ['setup', 'method'] as const)
    for (const [index, { id }] of drill[at].entries()) {
      if (id !== undefined && seen.has(id))
        complain([at, index, 'id'], `${describeValue(id)}, which another step has`, 'a name of its own');
      if (id !== undefined) seen.add(id);
    }
  for (const [index, one] of drill.expect.entries()) {
    for (const key of ['after', 'until'] as const) {
      const id = one[key];
      if (id !== undefined && !seen.has(id))
        complain(
          ['expect', index, key],
          describeValue(id),
          `the name of a step (${[...seen].join(', ') || 'none has one'})`,
        );
    }
    if (one.after !== undefined && one.until !== undefined && order.indexOf(one.until) <= order.indexOf(one.after))
      complain(['expect', index, 'until'], describeValue(one.until), `a step after ${describeValue(one.after)}`);
    const service = 'service' in one ? one.service : undefined;
    if (service !== undefined && 'on' in one && !fits(one.on, [service]))
      complain(['expect', index, 'on'], describeValue(one.on), `a node that has ${service}`);
    if ('line' in one && kindOf(one.on) === 'web')
      complain(['expect', index, 'on'], describeValue(one.on), 'a load balancer, which has a check log');
  }
};

const checkWhole = (drill: Drill, complain: Complain): void => {
  const own = (['setup', 'method', 'expect', 'restore'] as const).find((key) => drill[key].length > 0);
  if (drill.parts && own !== undefined)
    complain([own], `${own} beside parts`, 'either parts, or steps and expectations of its own');
  if (!drill.parts && drill.method.length === 0) complain(['method'], 'no steps', 'at least one step');
  if (drill.setup.length > 0 && drill.start === undefined)
    complain(['setup'], 'a setup without start', 'start, which says what state the setup brings about');
  const cut = drill.expect.findIndex((one) => 'download' in one);
  if (cut >= 0 && !drill.download)
    complain(['expect', cut, 'download'], 'an expectation of a download', 'download: true in the drill');
};

/** What no schema can say. Throws a ConfigError for the first fault in file order. */
const checkMeaning = (source: Source, drill: Drill): void => {
  const faults: Parameters<typeof throwFirst>[1][number][] = [];
  const complain: Complain = (path, found, expected) =>
    faults.push({ position: source.at(path), path, found, expected });
  checkWhole(drill, complain);
  checkSteps(drill.setup, 'setup', complain);
  checkSteps(drill.method, 'method', complain);
  for (const [index, one] of drill.restore.entries()) checkAct(one.act, one.on, ['restore', index], complain);
  checkNames(drill, complain);
  throwFirst(source, faults);
};

/** Where own drills lie, beside the cluster file; every `*.yaml` in it is one drill. */
export const DRILL_FOLDER = 'drills';

/**
 * Checks the text of a drill file (YAML, JSON is YAML). Throws a ConfigError: one sentence with file, line, column, field, what was
 * found and what was expected, for the first fault in file order. `label`: what the file is called in it.
 */
export const parseDrill = (text: string, label: string): Drill => {
  const source = readSource(text, label);
  const drill = checkAgainst(drillSchema, source, 'a drill');
  checkMeaning(source, drill);
  return drill;
};

/** A file of one's own that holds a drill. */
export type DrillFile = { file: string; text: string };

/** Checks the files of one's own drills. Throws a ConfigError as `parseDrill`; also when two have one name, or a built-in one's. */
export const parseDrills = (files: readonly DrillFile[], taken: readonly string[]): Drill[] => {
  const drills: { file: string; drill: Drill }[] = [];
  for (const { file, text } of files) {
    const drill = parseDrill(text, file);
    const source = readSource(text, file);
    const other = drills.find((one) => one.drill.name === drill.name);
    const found = other
      ? `${describeValue(drill.name)}, which ${other.file} has`
      : `${describeValue(drill.name)}, which is built in`;
    if (other || taken.includes(drill.name))
      throwFirst(source, [{ position: source.at(['name']), path: ['name'], found, expected: 'a name of its own' }]);
    drills.push({ file, drill });
  }
  for (const { file, drill } of drills)
    for (const [index, part] of (drill.parts ?? []).entries()) {
      const known = taken.includes(part) || drills.some((one) => one.drill.name === part && !one.drill.parts);
      const text = files.find((one) => one.file === file)?.text ?? '';
      if (known) continue;
      const source = readSource(text, file);
      const path = ['parts', index];
      throwFirst(source, [
        { position: source.at(path), path, found: describeValue(part), expected: 'the name of a drill' },
      ]);
    }
  return drills.map((one) => one.drill);
};
