import { namespaceOf } from '../lab/plan.ts';
import { secret } from '../lab/secrets.ts';

/** Command line of the system's ssh from the operator's seat through the jump host, as a person there would type it. */
export const sshCommand = (node: string, command: string[], options: string[] = []): [string, string[]] => [
  'ip',
  ['netns', 'exec', namespaceOf('op'), 'ssh', '-F', secret.sshConfig, ...options, node, ...command],
];
