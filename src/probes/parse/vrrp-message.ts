import type { VrrpState } from '../../cluster/readings.ts';

/** `initial`: the state an instance starts in, not a transition it made. */
export type VrrpTransition = { instance: string; state: VrrpState; initial: boolean };

const TRANSITION =
  /(?:VRRP_Instance)?\(([^()\s]{1,64})\):? (?:[Ee]ntering|Transition to|Now in) (MASTER|BACKUP|FAULT) (?:STATE|state)(.{0,40})/;

/** The state change that a line of keepalived's log tells of, in the spellings of 1.2 to 2.4; undefined for other lines. */
export const parseVrrpMessage = (message: string): VrrpTransition | undefined => {
  const match = TRANSITION.exec(message.slice(0, 500));
  if (!match) return undefined;
  return { instance: match[1]!, state: match[2] as VrrpState, initial: match[3]!.includes('(init)') };
};
