import type { CheckLogKind } from '../cluster/check-words.ts';
import type { DrillCondition, PlannedExpectation, PlannedStep } from '../cluster/drill.ts';
import { deedText } from './deed.ts';
import { between, seconds } from './times.ts';

const LINES: Record<CheckLogKind, string> = {
  restart: 'a line in the check log: nginx was restarted',
  killall: 'a line in the check log: keepalived was killed',
  'gave-up': 'a line in the check log: no more restarts',
  note: 'a note in the check log',
  other: 'a line in the check log',
};

const label = (service: string): string => (service === 'web' ? 'the web server' : service);

/** A condition in words: `lb2 holds all VIPs`. */
export const conditionText = (condition: DrillCondition): string => {
  switch (condition.is) {
    case 'holder':
      return condition.node === null ? 'nobody holds a VIP' : `${condition.node} holds all VIPs`;
    case 'both':
      return 'two load balancers hold the VIPs at once';
    case 'verdict':
      return `the verdict is ${condition.codes.join(' or ')}`;
    case 'service':
      return `${label(condition.service)} on ${condition.node} ${condition.running ? 'runs' : 'does not run'}`;
    case 'answers':
      return condition.good ? 'every VIP gives good answers' : 'no VIP gives a good answer';
    case 'line':
      return `${LINES[condition.line]} (${condition.node})`;
  }
};

type Bare<T> = T extends unknown ? Omit<T, 'text' | 'stage' | 'part' | 'id'> : never;

/** A step in words. */
export const stepText = (step: Bare<PlannedStep>): string => {
  switch (step.kind) {
    case 'act':
      return `${deedText(step.deed)} on ${step.node}`;
    case 'wait':
      return `wait until ${conditionText(step.condition)} (at most ${seconds(step.budget)})`;
    case 'hold':
      return `watch for ${seconds(step.ms)}`;
    case 'gate': {
      const where = step.holder === undefined ? '' : `, ${conditionText({ is: 'holder', node: step.holder })}`;
      return `go on only when the verdict is ${step.verdicts.join(' or ')}${where}`;
    }
  }
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const lostText = ({
  most,
  leastShare,
  mostShare,
}: {
  most?: number;
  leastShare?: number;
  mostShare?: number;
}): string => {
  if (leastShare === 1) return 'every request lost';
  const parts = [
    ...(most === undefined ? [] : [most === 0 ? 'no request lost' : `at most ${most} requests lost`]),
    ...(leastShare !== undefined && mostShare !== undefined
      ? [`${percent(leastShare)} to ${percent(mostShare)} of the requests lost`]
      : leastShare !== undefined
        ? [`at least ${percent(leastShare)} of the requests lost`]
        : mostShare !== undefined
          ? [`at most ${percent(mostShare)} of the requests lost`]
          : []),
  ];
  return parts.join(', ') || 'any number of requests lost';
};

const countText = ({ least, most }: { least?: number; most?: number }): string => {
  if (most === 0) return 'no VIP moves';
  if (least === most && least !== undefined) return `each VIP moves ${least === 1 ? 'once' : `${least} times`}`;
  const bounds = [least === undefined ? '' : `at least ${least}`, most === undefined ? '' : `at most ${most}`];
  return `each VIP moves ${bounds.filter(Boolean).join(' and ')} times`;
};

type Wanted = PlannedExpectation extends infer T
  ? T extends unknown
    ? Omit<T, 'text' | 'after' | 'until' | 'tolerance' | 'part' | 'basis'>
    : never
  : never;

/** What must be found, in words. */
export const expectationText = (wanted: Wanted): string => {
  const soon = (within: number | undefined): string => (within === undefined ? '' : ` within ${seconds(within)}`);
  switch (wanted.kind) {
    case 'holder':
      return `${conditionText({ is: 'holder', node: wanted.node })}${soon(wanted.within)}`;
    case 'outage':
      return wanted.bounds.most === 0
        ? 'no gap in the answers'
        : `longest gap in the answers of any VIP: ${between(wanted.bounds)}`;
    case 'lost':
      return lostText(wanted);
    case 'rotation': {
      const parts = [
        ...(wanted.served.length > 0
          ? [`${wanted.served.join(' and ')} serve${wanted.served.length === 1 ? 's' : ''}`]
          : []),
        ...(wanted.absent.length > 0
          ? [`${wanted.absent.join(' and ')} serve${wanted.absent.length === 1 ? 's' : ''} nothing`]
          : []),
      ];
      return parts.join(', ') || 'any web node serves';
    }
    case 'line':
      return `${LINES[wanted.line]} (${wanted.node})${soon(wanted.within)}`;
    case 'service': {
      const frozen = wanted.frozen === undefined ? '' : wanted.frozen ? ', all its processes stopped' : ', not frozen';
      const unit = `${label(wanted.service)} on ${wanted.node} is ${wanted.active.join(' or ')}`;
      return `${unit}${frozen}${wanted.within === undefined ? ' at the end' : soon(wanted.within)}`;
    }
    case 'moves':
      return countText(wanted.bounds);
    case 'split-brain':
      return wanted.seen
        ? 'two load balancers hold the VIPs for more than a second'
        : 'never two holders for more than a second';
    case 'blip':
      return `no answer lost for longer than ${seconds(wanted.most)} where the VIPs move`;
    case 'verdict':
      return `the console says ${wanted.codes.join(' or ')}${soon(wanted.within)}`;
    case 'download':
      return wanted.cut ? 'the long download is cut' : 'the long download goes on';
  }
};
