import type { Failure } from '../cluster/failure.ts';
import type { TraceEvent } from '../ssh/trace.ts';
import { bad, type Line, ok, unknown } from './report.ts';

/** How the login on one host went: the steps it passed, and what stopped it. */
export type Login = {
  host: string;
  role: 'jump' | 'lb' | 'web';
  passed: readonly TraceEvent[];
  failure?: Failure;
  /** From the last step passed to the failure, ms. */
  failedAfter?: number;
};

/** The steps of a login in their order, as they are called in a report. */
const STEPS = [
  { step: 'name', check: 'name' },
  { step: 'tcp', check: 'SSH port' },
  { step: 'host-key', check: 'host key' },
  { step: 'auth', check: 'login' },
] as const;

type StepName = (typeof STEPS)[number]['step'];

const ADVICE: Partial<Record<StepName, string>> = {
  name: 'check the spelling; a node’s name is looked up on the last jump host, so an address or its /etc/hosts helps',
  tcp: 'is the machine up, does sshd run there (systemctl status sshd), is this its port, does a firewall refuse it?',
  'host-key':
    'the port is open, but nothing there speaks SSH: is the machine frozen or overloaded, is this port sshd’s?',
  auth: 'check the user and which keys he may use: ssh-add -l, ssh.identity in the cluster file, ~/.ssh/authorized_keys there',
};

/** Which of the steps failed: as the failure says, else the one after the last that was passed. */
const failedStep = ({ passed, failure }: Login): StepName | undefined => {
  const said = STEPS.find(({ step }) => step === failure?.step)?.step;
  if (said !== undefined) return said;
  const last = STEPS.findLastIndex(({ step }) => passed.some((event) => event.step === step));
  return STEPS[Math.max(last, 0) + 1]?.step;
};

/** Why nothing is known of a host: what its failure blames is before it. Undefined where it is the host's own. */
export const notReached = ({ host, role, failure }: Pick<Login, 'host' | 'role' | 'failure'>): string | undefined => {
  if (!failure) return undefined;
  if (failure.hop !== host) return `not reached: ${failure.hop} is in the way (${failure.found})`;
  // Silence, where nothing proved the way there alive.
  const silent = failure.step === 'tcp' || failure.step === 'timeout' || failure.step === 'lost';
  return role !== 'jump' && failure.blame === 'path' && silent ? `not reached: ${failure.found}` : undefined;
};

/** One line for each step of a login: passed, failed, or not reached. */
export const loginLines = (login: Login): Line[] => {
  const { passed, failure, failedAfter } = login;
  const away = notReached(login);
  if (away !== undefined) return [unknown('login', away)];
  if (failure?.step === 'config') return [bad('ssh settings', failure.found, failure.advice, failedAfter)];
  const whole = passed.find(({ step }) => step === 'login');
  if (whole) return [ok('login', whole.detail, whole.ms)];
  const broken = failure ? failedStep(login) : undefined;
  const lines: Line[] = [];
  for (const { step, check } of STEPS) {
    const event = passed.findLast((one) => one.step === step);
    if (failure && step === broken) lines.push(bad(check, failure.found, failure.advice ?? ADVICE[step], failedAfter));
    else if (event) lines.push(ok(check, event.detail, event.ms));
    // An address needs no lookup, so there is no line where nothing was asked.
    else if (failure && step !== 'name') lines.push(unknown(check, 'not reached'));
  }
  return lines;
};
