import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Agent, openAgent } from '../../src/probes/agent/agent.ts';
import type { StreamTag } from '../../src/probes/agent/protocol.ts';
import { type AgentSpec, agentScript } from '../../src/probes/agent/script.ts';
import { realClock } from '../../src/probes/clock.ts';
import { type LocalNode, localNode } from '../support/local-remote.ts';

const nodes: LocalNode[] = [];
const agents: Agent[] = [];

/** Ends all agents and removes all nodes of a test. */
export const removeNodes = (): void => {
  for (const agent of agents.splice(0)) agent.close();
  for (const node of nodes.splice(0)) node.remove();
};

/** A stub node with an empty check log and, as `FOLDER/sh`, bash by the name of sh. */
export const node = (shell: string[] = ['/bin/sh'], path?: string): LocalNode => {
  const made = localNode({ shell, ...(path === undefined ? {} : { path }) });
  nodes.push(made);
  symlinkSync('/bin/bash', join(made.folder, 'sh'));
  writeFileSync(join(made.folder, 'check.log'), '');
  return made;
};

/** What an agent on this node is to look at: nothing outside its folder. */
export const specFor = (local: LocalNode, over: Partial<AgentSpec> = {}): AgentSpec => ({
  role: 'lb',
  services: { nginx: 'nginx', keepalived: 'keepalived', web: 'auto' },
  checkLog: join(local.folder, 'check.log'),
  sudo: 'sudo',
  streams: false,
  dumpDirectory: local.folder,
  ...over,
});

/** An agent on the node, with what it pushed. */
export const start = async (local: LocalNode, over: Partial<AgentSpec> = {}) => {
  const pushed: [StreamTag, string][] = [];
  const ended: [StreamTag, number][] = [];
  const agent = await openAgent({
    remote: local.remote,
    script: agentScript(specFor(local, over)),
    clock: realClock,
    signal: new AbortController().signal,
    onLine: (tag, text) => pushed.push([tag, text]),
    onEnd: (tag, rc) => ended.push([tag, rc]),
  });
  agents.push(agent);
  return { agent, pushed, ended };
};

/** A command for a stub tool that prints this text. */
export const printing = (local: LocalNode, file: string, text: string): string => {
  writeFileSync(join(local.folder, file), text);
  return `cat ${join(local.folder, file)}`;
};
