import { FAULTS, type Stage } from './fault-list.ts';
import type { Unit } from './unit.ts';
import type { Host } from './world.ts';

/** Other names for the same. */
const ALIASES: Record<string, string> = {
  'cut-wire': 'cut',
  'slow-link': 'slow',
  'stale-vip': 'kill9',
  'pass-wire': 'mend-wire',
};

/** Applies a fault. Throws an Error with one sentence when there is no such fault, node or service. */
export const applyFault = (stage: Stage, name: string, node?: string, service?: string): void => {
  const fault = FAULTS.find((one) => one.name === (ALIASES[name] ?? name));
  if (!fault) throw new Error(`no fault called "${name}"; there are ${FAULTS.map((one) => one.name).join(', ')}`);
  const role = fault.takes.includes('lb') ? 'lb' : fault.takes.includes('web') ? 'web' : undefined;
  const wanted = fault.takes.some((argument) => argument !== 'service');
  const fits = stage.world.hosts.filter(({ machine }) => role === undefined || machine.role === role);
  const host = fits.find(({ machine }) => machine.name === node);
  if (!host && wanted) {
    throw new Error(
      `${fault.name} takes one of ${fits.map(({ machine }) => machine.name).join(', ')}, not "${node ?? ''}"`,
    );
  }
  const unit = host && serviceOf(host, name === 'stale-vip' ? 'keepalived' : service);
  if (host && fault.takes.includes('service') && !unit) {
    const names = [...host.machine.units.keys()].join(', ');
    throw new Error(`${fault.name} on ${host.machine.name} takes one of ${names}, not "${service ?? ''}"`);
  }
  fault.apply(stage, host ?? stage.world.hosts[0]!, unit ?? stage.world.hosts[0]!.web.unit);
};

/** `web` is the web server, whatever its unit is called. */
const serviceOf = ({ machine, web }: Host, service: string | undefined): Unit | undefined =>
  service === 'web' || (service === undefined && machine.role === 'web') ? web.unit : machine.unit(service ?? '');
