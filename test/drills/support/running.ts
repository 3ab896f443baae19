import { findDrill } from '../../../src/drills/catalog/built-in.ts';
import type { Drill } from '../../../src/drills/drill.ts';
import type { Ports } from '../../../src/drills/ports.ts';
import { type Ran, type RunOptions, runDrill } from '../../../src/drills/run.ts';
import type { FakePair } from './fake-pair.ts';

const never = new AbortController().signal;

export const runOptions = (over: Partial<RunOptions> = {}): RunOptions => ({
  id: 1,
  find: (name) => findDrill(name),
  author: 'ops@seat',
  restoreAfter: 300,
  confirmed: true,
  stop: never,
  leave: never,
  ...over,
});

/** Begins a drill on a fake pair; time has to pass for it to go on. */
export const begin = (
  pair: FakePair,
  drill: string | Drill,
  over: Partial<RunOptions> = {},
  ports: Ports = pair.ports({ id: over.id ?? 1 }),
): Promise<Ran> => runDrill(typeof drill === 'string' ? (findDrill(drill) as Drill) : drill, ports, runOptions(over));

/** Runs a drill on a fake pair to its end. */
export const run = (pair: FakePair, drill: string | Drill, over: Partial<RunOptions> = {}): Promise<Ran> =>
  pair.through(begin(pair, drill, over));

/** Ports of a console that is killed (`kill -9`) when `dies` first holds: nothing it asked for after that is done, and no call returns. */
export const mortal = (ports: Ports, dies: () => boolean): Ports => {
  let dead = false;
  const forever = new Promise<never>(() => {});
  const alive = (): boolean => {
    dead ||= dies();
    return !dead;
  };
  const call =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> =>
      alive() ? await work(...args).then((result) => (alive() ? result : forever)) : forever;
  return {
    ...ports,
    emit: (fact) => void (alive() && ports.emit(fact)),
    until: call(ports.until),
    ask: call(ports.ask),
    run: call(ports.run),
    arm: call(ports.arm),
    extend: call(ports.extend),
    disarm: call(ports.disarm),
    rights: call(ports.rights),
    turn: call(ports.turn),
    refresh: (nodes) => void (alive() && ports.refresh(nodes)),
  };
};
