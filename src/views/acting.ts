import { disabledNow } from '../actions/catalog.ts';
import type { Action, Plan } from '../cluster/action.ts';
import { actionText } from '../cluster/action-facts.ts';
import { failureText } from '../cluster/failure.ts';
import type { Performed, Planned, SessionStore } from '../session/store.ts';
import { canRestore, nodeOf, offerOf, restoreChoices } from './action-keys.ts';
import type { ConsoleClock } from './clock.ts';
import { ALONE, beginConfirming, confirm, type Given } from './confirm.ts';
import type { Hearing } from './hearing.ts';
import { outcomeWord, viewOf } from './parts/action-words.ts';
import type { ActionDialog, ActionStage, Ui } from './ui.ts';

/** How often the seconds of a dialog are drawn anew while something is awaited, ms. */
const BEAT = 250;

/** The keyboard's side of actions: choose, plan, confirm, wait. */
export type Acting = {
  /** A key of the main mode that makes an action on the focused node. */
  open(key: string): void;
  /** A key of the chooser. */
  choose(key: string): void;
  /** Something for the confirmation. */
  give(given: Given): void;
  /** The next (1) or previous (-1) restore time; makes the plan anew. */
  restore(step: number): void;
  /** Leaves the dialog: an action under way goes on. */
  leave(): void;
};

/** Makes the keyboard's side of actions. `get` and `set` are the set-up of the screen. */
export const createActing = (parts: {
  store: SessionStore;
  clock: ConsoleClock;
  hearing: Hearing;
  get: () => Ui;
  set: (change: Partial<Ui>) => void;
}): Acting => {
  const { store, clock, hearing, get, set } = parts;
  let dialogs = 0;
  let takeBack: (() => void) | undefined;
  let beating = false;

  const open = (): ActionDialog | null => {
    const { overlay } = get();
    return overlay?.kind === 'action' ? overlay : null;
  };
  const still = (id: number): ActionDialog | null => {
    const dialog = open();
    return dialog?.id === id ? dialog : null;
  };

  const show = (dialog: ActionDialog, stage: ActionStage): void =>
    set({ overlay: { ...dialog, scroll: 0, now: clock.now(), stage } });

  /** Draws the seconds while something is awaited, and notes when a phase began. */
  const beat = (): void => {
    beating = false;
    const dialog = open();
    if (!dialog) return;
    const now = clock.now();
    const { stage } = dialog;
    if (stage.at === 'planning') set({ overlay: { ...dialog, now } });
    else if (stage.at === 'running') {
      const phase = viewOf(store.get().state, dialog.action, stage.after)?.phase;
      const moved = phase !== undefined && phase !== stage.phase;
      set({ overlay: { ...dialog, now, stage: moved ? { ...stage, phase, phaseFrom: now } : stage } });
    } else return;
    keepBeating();
  };
  const keepBeating = (): void => {
    if (beating) return;
    beating = true;
    clock.after(BEAT, beat);
  };

  const ask = (dialog: ActionDialog, plan: Plan, before?: Plan): void =>
    show(dialog, { at: 'asking', plan, ...(before ? { before } : {}), confirming: beginConfirming(clock.now()) });

  const planned = (id: number, result: Planned): void => {
    const dialog = still(id);
    if (!dialog) return;
    if (result.ok) ask(dialog, result.plan);
    else
      show(dialog, {
        at: 'refused',
        text: 'refusal' in result ? result.refusal.text : failureText(result.failure),
      });
  };

  const plan = (action: Action, restore: number | undefined): void => {
    takeBack?.();
    dialogs += 1;
    const id = dialogs;
    const now = clock.now();
    const stage: ActionStage = { at: 'planning', since: now };
    set({ overlay: { kind: 'action', id, action, restore, scroll: 0, now, stage } });
    keepBeating();
    void store
      .plan(action, restore === undefined ? {} : { restoreAfter: restore })
      .then((result) => planned(id, result));
  };

  const performed = (id: number, made: Plan, after: number, result: Performed): void => {
    const dialog = still(id);
    if (result.step === 'changed') {
      if (dialog) ask(dialog, result.plan, made);
      else set({ hint: `${actionText(made.action)}: not done, the state changed under it` });
    } else if (dialog) show(dialog, { at: 'over', plan: made, after, outcome: result });
    else set({ hint: `${actionText(made.action)}: ${outcomeWord(result)}` });
  };

  const perform = (id: number): void => {
    const dialog = still(id);
    if (dialog?.stage.at !== 'asking' || !dialog.stage.confirming.complete) return;
    const { plan: made } = dialog.stage;
    const { confirmation } = made;
    const after = store.get().state.actions.at(-1)?.id ?? 0;
    const now = clock.now();
    show(dialog, { at: 'running', plan: made, since: now, after, phaseFrom: now });
    keepBeating();
    const given = confirmation.kind === 'press' ? confirmation.key : confirmation.word;
    void store.perform(made, given).then((result) => performed(id, made, after, result));
  };

  const give = (given: Given): void => {
    const dialog = open();
    if (dialog?.stage.at !== 'asking') return;
    takeBack?.();
    takeBack = undefined;
    const { confirmation } = dialog.stage.plan;
    const confirming = confirm(confirmation, dialog.stage.confirming, given, hearing.before(given));
    set({ overlay: { ...dialog, stage: { ...dialog.stage, confirming } } });
    if (confirming.complete) takeBack = clock.after(ALONE, () => perform(dialog.id));
  };

  return {
    open: (key) => {
      const { state } = store.get();
      const node = nodeOf(state, get().focus);
      const offer = node && offerOf(state, node, key);
      if (offer?.kind === 'one') plan(offer.action, undefined);
      if (offer?.kind === 'some')
        set({
          overlay: { kind: 'choose', title: `${keyWords[key] ?? ''} on ${node?.name}`.trim(), choices: offer.choices },
        });
    },
    choose: (key) => {
      const { overlay } = get();
      const choice = overlay?.kind === 'choose' ? overlay.choices.find((one) => one.key === key) : undefined;
      const why = choice ? disabledNow(store.get().state, choice.action) : 'there is nothing on this key';
      if (choice && why === null) plan(choice.action, undefined);
      else set({ hint: `${key}: ${why}` });
    },
    give,
    restore: (step) => {
      const dialog = open();
      if (!dialog || !canRestore(dialog.action) || !['planning', 'refused', 'asking'].includes(dialog.stage.at)) return;
      const at = restoreChoices.indexOf(dialog.restore as (typeof restoreChoices)[number]);
      const next = restoreChoices[(at + step + restoreChoices.length) % restoreChoices.length];
      plan(dialog.action, next);
    },
    leave: () => {
      takeBack?.();
      takeBack = undefined;
      set({ overlay: null });
    },
  };
};

const keyWords: Record<string, string> = {
  s: 'start',
  X: 'stop',
  R: 'restart',
  L: 'reload',
  o: 'service',
  V: 'remove a stale VIP',
};
