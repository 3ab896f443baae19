import type { ClusterConfig } from '../config/cluster-config.ts';

/** Interim. */
export const sudoersFile = (config: ClusterConfig): string => `# ${config.name}\n`;
