import type { DrillOutcome } from '../cluster/drill.ts';
import type { State } from '../cluster/state.ts';
import type { DrillPlanned, SessionStore } from '../session/store.ts';
import type { ConsoleClock } from './clock.ts';
import { ALONE, beginConfirming, confirm, type Given, READ } from './confirm.ts';
import type { Hearing } from './hearing.ts';
import { drillShown, drillUnderWay, stepAwaited } from './parts/drill-now.ts';
import type { DrillDialog, DrillStage, DrillsDialog, Ui } from './ui.ts';

/** How often the seconds of the dialog are drawn anew while something is awaited, ms. */
const BEAT = 250;
/** The sign that lets a step begin, as it confirms elsewhere. */
const NEXT = 'y';

/** The letters by which drills are chosen. */
export const drillLetters = 'abcdefghijklmnopqrstuvwxyz';

/** The keyboard's side of drills: choose, read, confirm, step, end. */
export type Drilling = {
  /** Shows the drills there are. */
  open(): void;
  /** Another one in the list: so many rows down (negative: up). */
  select(step: number): void;
  /** Each step waits for a person, or not any more. */
  toggleStep(): void;
  /** Reads what the selected drill, or the one of this letter, will do. */
  choose(letter?: string): void;
  /** Something for the confirmation. */
  give(given: Given): void;
  /** Leaves the dialog. One that has been confirmed and has not begun is ended. */
  leave(): void;
  /** Lets the step begin that waits. */
  next(): void;
  /** Something else came from the keyboard: a key that was to stand alone does not. */
  stir(): void;
  /** Asks how the drill under way is to be ended. */
  askEnd(): void;
  end(how: 'restore' | 'leave'): void;
  /** Puts the pane of the drill away, or shows it again. */
  togglePane(): void;
  /** What a new picture means for the set-up: a drill that comes is looked at, one that is gone is not; a question that is settled goes. */
  follow(shown: State): void;
};

const words: Record<DrillOutcome['verdict'], string> = { pass: 'PASSED', fail: 'FAILED', unknown: 'NOT DECIDED' };

/** Makes it. `get` and `set` are the set-up of the screen. */
export const createDrilling = (parts: {
  store: SessionStore;
  clock: ConsoleClock;
  hearing: Hearing;
  get: () => Ui;
  set: (change: Partial<Ui>) => void;
}): Drilling => {
  const { store, clock, hearing, get, set } = parts;
  const desk = store.drills;
  let dialogs = 0;
  let takeBack: (() => void) | undefined;
  let beating = false;
  let from: DrillsDialog = { kind: 'drills', at: 0, step: false };

  const forget = (): void => {
    takeBack?.();
    takeBack = undefined;
  };
  const chooser = (): DrillsDialog | null => {
    const { overlay } = get();
    return overlay?.kind === 'drills' ? overlay : null;
  };
  const dialog = (id?: number): DrillDialog | null => {
    const { overlay } = get();
    return overlay?.kind === 'drill' && (id === undefined || overlay.id === id) ? overlay : null;
  };
  const show = (one: DrillDialog, stage: DrillStage): void =>
    set({ overlay: { ...one, scroll: 0, now: clock.now(), stage } });

  /** Draws the seconds while something is awaited, and gives way to the pane once the drill has begun. */
  const beat = (): void => {
    beating = false;
    const one = dialog();
    if (!one || (one.stage.at !== 'planning' && one.stage.at !== 'starting')) return;
    const under = drillUnderWay(store.get().state);
    if (one.stage.at === 'starting' && under && under.id !== one.stage.after)
      set({ overlay: null, focus: 'drill', picked: false, zoom: false, closedDrill: null, frozen: null });
    else {
      set({ overlay: { ...one, now: clock.now() } });
      keepBeating();
    }
  };
  const keepBeating = (): void => {
    if (beating) return;
    beating = true;
    clock.after(BEAT, beat);
  };

  const planned = (id: number, result: DrillPlanned): void => {
    const one = dialog(id);
    if (!one) return;
    if (!result.ok) show(one, { at: 'refused', reasons: result.reasons });
    else {
      const { plan, confirmation } = result;
      show(one, { at: 'asking', plan, confirmation, confirming: beginConfirming(clock.now()) });
    }
  };

  const ended = (id: number, name: string, outcome: DrillOutcome): void => {
    const one = dialog(id);
    if (one && outcome.status === 'refused') show(one, { at: 'refused', reasons: [outcome.summary] });
    else {
      const { overlay } = get();
      const word = outcome.status === 'refused' ? 'REFUSED' : words[outcome.verdict];
      const left = store.get().state.drill?.abort?.leave ?? false;
      const back = outcome.restored === true ? '' : left ? ', LEFT AS IT IS' : ', NOT RESTORED';
      set({
        hint: `drill ${name}: ${word}${back}`,
        stepping: false,
        ...(one || overlay?.kind === 'end' ? { overlay: null } : {}),
      });
    }
  };

  const begin = (id: number): void => {
    const one = dialog(id);
    if (!desk || one?.stage.at !== 'asking' || !one.stage.confirming.complete) return;
    const { confirmation, plan } = one.stage;
    const given = confirmation.kind === 'press' ? confirmation.key : confirmation.word;
    set({ stepping: one.step });
    show(one, { at: 'starting', since: clock.now(), after: store.get().state.drill?.id });
    keepBeating();
    void desk
      .runDrill(one.name, given, { restoreAfter: plan.restoreAfter, step: one.step })
      .then((outcome) => ended(id, one.name, outcome));
  };

  return {
    open: () => set({ overlay: from }),
    select: (step) => {
      const one = chooser();
      const last = (desk?.list().length ?? 0) - 1;
      if (one) set({ overlay: { ...one, at: Math.max(0, Math.min(last, one.at + step)) } });
    },
    toggleStep: () => {
      const one = chooser();
      if (one) set({ overlay: { ...one, step: !one.step } });
    },
    choose: (letter) => {
      const one = chooser();
      if (!desk || !one) return;
      const at = letter === undefined ? one.at : drillLetters.indexOf(letter);
      const drill = desk.list()[at];
      if (!drill) {
        set({ hint: `${letter}: there is no drill on this key` });
        return;
      }
      from = { ...one, at };
      dialogs += 1;
      const id = dialogs;
      const now = clock.now();
      const stage: DrillStage = { at: 'planning', since: now };
      set({ overlay: { kind: 'drill', id, name: drill.name, step: one.step, scroll: 0, now, stage } });
      keepBeating();
      void desk.planDrill(drill.name).then((result) => planned(id, result));
    },
    give: (given) => {
      const one = dialog();
      if (one?.stage.at !== 'asking') return;
      forget();
      const { confirmation, confirming: before } = one.stage;
      const confirming = confirm(confirmation, before, given, hearing.before(given));
      set({ overlay: { ...one, stage: { ...one.stage, confirming } } });
      if (confirming.complete) takeBack = clock.after(ALONE, () => begin(one.id));
    },
    leave: () => {
      forget();
      const one = dialog();
      if (one?.stage.at === 'starting') desk?.endDrill('restore');
      // From what was read back to the list: to compare is why one reads.
      set({ overlay: one && one.stage.at !== 'starting' ? from : null });
    },
    next: () => {
      const { state } = store.get();
      const view = drillUnderWay(state);
      const awaited = view && stepAwaited(view, get().stepping);
      if (!desk || !view || !awaited) return;
      forget();
      const given: Given = { kind: 'sign', sign: NEXT };
      const asked = beginConfirming(clock.now() - Math.max(0, state.now.mono - awaited.since));
      const result = confirm({ kind: 'press', key: NEXT }, asked, given, hearing.before(given));
      if (!result.complete) {
        set({ hint: result.note });
        return;
      }
      takeBack = clock.after(ALONE, () => {
        const now = drillUnderWay(store.get().state);
        if (now?.id === view.id && stepAwaited(now, get().stepping)?.index === awaited.index) desk.nextStep();
      });
    },
    stir: () => {
      if (get().overlay === null) forget();
    },
    askEnd: () => {
      forget();
      set({ overlay: { kind: 'end', shown: clock.now() }, filtering: false });
    },
    end: (how) => {
      const { overlay } = get();
      if (!desk || overlay?.kind !== 'end') return;
      // What was pressed before the question could be read is no answer; to restore is always right.
      if (how === 'leave' && clock.now() - overlay.shown < READ) return;
      const running = drillUnderWay(store.get().state);
      if (running) desk.endDrill(how);
      set({ overlay: null, ...(running ? { focus: 'drill', picked: false, closedDrill: null } : {}) });
    },
    follow: (shown) => {
      const { focus, picked, overlay } = get();
      const here = drillShown(shown, get());
      if (here && focus === 'log' && !picked) set({ focus: 'drill' });
      if (!here && focus === 'drill') set({ focus: 'log', picked: false });
      if (overlay?.kind === 'end' && !drillUnderWay(store.get().state))
        set({ overlay: null, hint: 'the drill has come to its end' });
    },
    togglePane: () => {
      const { drill } = store.get().state;
      if (!drill?.plan) return;
      const hide = get().closedDrill !== drill.id;
      set(
        hide
          ? { closedDrill: drill.id, focus: 'log', picked: false, zoom: false }
          : { closedDrill: null, focus: 'drill', picked: true },
      );
    },
  };
};
