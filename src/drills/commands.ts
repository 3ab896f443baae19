import { commandsOf, type DeedContext, deedOf, hashCommand, keepCommand, looksFor, wayBackOf } from './deed.ts';
import type { Drill } from './drill.ts';
import { undoCommand } from './undo.ts';

const isWeb = (reference: string, webs: readonly string[]): boolean =>
  reference.startsWith('web.') || webs.includes(reference);

/**
 * Every command that these drills may run on a node of a role, and every command a restore timer may run there: what a narrow
 * sudoers file has to allow beside what actions need. `running`: the units a healthy node runs, nginx before keepalived.
 */
export const commandsOfDrills = (
  drills: readonly Drill[],
  role: 'lb' | 'web',
  context: DeedContext,
  running: readonly string[],
  webs: readonly string[] = [],
): { commands: string[][]; undo: string[][] } => {
  // Any text will do: it is read from stdin, and no sudoers line speaks of it.
  const full = { ...context, lowered: { text: 'vrrp_instance x {\n priority 2\n}\n', priority: 1 } };
  const commands: string[][] = [];
  const undo: string[][] = [];
  for (const drill of drills) {
    const acts = [...drill.setup, ...drill.method, ...drill.restore].flatMap((step) =>
      'act' in step && isWeb(step.on, webs) === (role === 'web') ? [deedOf(step.act)] : [],
    );
    if (acts.length === 0) continue;
    commands.push(...acts.flatMap((deed) => commandsOf(deed, full).map((one) => one.words)));
    for (const deed of acts) {
      const back = wayBackOf(deed);
      if (back) commands.push(...commandsOf(back, full).map((one) => one.words));
    }
    if (acts.some((deed) => deed.kind === 'set-aside')) commands.push(keepCommand(context.files.nginx));
    commands.push(...looksFor(acts, context));
    undo.push(undoCommand(acts, context, running));
  }
  commands.push(...running.map((unit) => ['systemctl', 'start', unit]));
  if (role === 'lb') commands.push(hashCommand(context));
  const once = (list: string[][]): string[][] => [...new Map(list.map((words) => [words.join('\0'), words])).values()];
  return { commands: once(commands), undo: once(undo) };
};
