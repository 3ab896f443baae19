import { configurationDifferences } from './drift.ts';
import { instancesOf, isFrozen, passedOnFrom, probeState, processesOf, unitOf } from './select.ts';
import type { NodeView, State } from './state.ts';

/** Whether a load balancer could take the VIPs over (or keep them) now, and why not or why that is not known. */
export type Readiness = { ready: boolean | null; why: string[] };

/** Adverts of a healthy master come every advert interval; this much silence between two dumps proves deafness. */
const SILENCE = 2500;

const deaf = (state: State, node: NodeView): boolean => {
  const instance = instancesOf(state, node)?.[0];
  if (instance?.state !== 'BACKUP' || !node.adverts) return false;
  return (node.dump.at ?? 0) - node.adverts.at >= SILENCE * Math.max(1, instance.advertInterval);
};

/** Judges readiness from fresh facts only. An explicit "no" makes it not ready; what could not be looked at makes it unknown. */
export const readiness = (state: State, node: NodeView): Readiness => {
  const no: string[] = [];
  const unknown: string[] = [];
  const keepalived = unitOf(state, node, 'keepalived');
  const daemon = processesOf(state, node, 'keepalived');
  if (keepalived && keepalived.active !== 'active') no.push(`keepalived is ${keepalived.active}`);
  else if (daemon?.length === 0) no.push('no keepalived process');
  else if (isFrozen(state, node, 'keepalived')) no.push('keepalived is frozen (STAT T)');
  else if (!keepalived && !daemon) unknown.push('keepalived not looked at');
  const instances = instancesOf(state, node);
  if (instances?.some((one) => one.state === 'FAULT')) no.push('VRRP state FAULT');
  if (instances?.length === 0) no.push('keepalived runs no VRRP instance');
  // keepalived without an instance writes no dump at all (2.2.7), so its silence is no proof; the file was perhaps not loaded yet.
  if (!instances && node.configuration.value?.instances.length === 0)
    unknown.push('no VRRP instance in its keepalived.conf');
  if (deaf(state, node)) no.push('hears no adverts of the master');

  const nginx = unitOf(state, node, 'nginx');
  const probe = probeState(state, node.probe);
  const workers = processesOf(state, node, 'nginx');
  if (nginx && nginx.active !== 'active' && workers?.length === 0)
    no.push(nginx.load === 'masked' ? 'nginx is masked' : `nginx is ${nginx.active}`);
  else if (isFrozen(state, node, 'nginx')) no.push('nginx is frozen (STAT T)');
  else if (probe === 'bad' && !backendsAllBad(state) && passedOnFrom(state, node.probe).length === 0)
    no.push(`its nginx gives no good answer (${node.probe.last?.why ?? 'bad'})`);
  else if (probe === 'unknown' && !nginx) unknown.push('nginx not looked at');
  no.push(
    ...configurationDifferences(state, node)
      .filter((one) => one.breaksTakeover)
      .map((one) => one.text),
  );
  if (no.length > 0) return { ready: false, why: no };
  return unknown.length > 0 ? { ready: null, why: unknown } : { ready: true, why: [] };
};

/** With all web nodes bad, a load balancer's bad answer says nothing about the load balancer. */
const backendsAllBad = (state: State): boolean => {
  const webs = state.topology.nodes.filter((node) => node.role === 'web');
  return (
    webs.length > 0 && webs.every((node) => probeState(state, (state.nodes[node.name] as NodeView).probe) === 'bad')
  );
};
