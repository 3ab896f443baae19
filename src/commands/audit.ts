import pkg from '../../package.json' with { type: 'json' };
import { type AuditResult, audit, exitOf } from '../audit/audit.ts';
import { auditReport } from '../audit/report-json.ts';
import { auditSarif } from '../audit/report-sarif.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { gatherAudit } from '../session/gather-audit.ts';
import { headlessPrompter } from '../session/prompts.ts';
import { createNetwork } from '../ssh/network.ts';
import { readDirectory } from './audit-directory.ts';
import { auditText } from './audit-text.ts';
import { clusterOf } from './cluster.ts';
import type { CommonFlags, Io } from './io.ts';

/** What `audit` was given beside the common flags. */
export type AuditFlags = CommonFlags & { dir?: string; sarif: boolean };

type Judged = { result: AuditResult; locate: (node: string, file: string | undefined) => string };

const ofCluster = async (flags: AuditFlags, io: Io): Promise<Judged> => {
  const config = await clusterOf(flags, io);
  const network = createNetwork(config, { prompter: headlessPrompter, env: io.env, home: io.home });
  try {
    const input = await gatherAudit({ config, network, signal: io.signal });
    return { result: audit(input), locate: (node, file) => `${node}${file ?? ''}` };
  } finally {
    await network.close();
  }
};

/** Columns of text that goes to no terminal. */
const COLUMNS = 100;

/**
 * `haconsole audit`: finds foot-guns in the pair's configuration, on the nodes or in a directory. Exit status 0 clean (or notes
 * only), 1 warnings, 2 errors, 3 something could not be looked at and nothing worse was found.
 */
export const auditCommand = async (flags: AuditFlags, io: Io): Promise<number> => {
  let judged: Judged;
  if (flags.dir === undefined) judged = await ofCluster(flags, io);
  else
    try {
      const { input, locate } = await readDirectory(flags.dir, io.cwd);
      judged = { result: audit(input), locate };
    } catch (error) {
      io.stderr.write(`haconsole audit: ${visibleText((error as Error).message, 400)}\n`);
      return 3;
    }
  const { result, locate } = judged;
  if (result.nodes.length === 0) {
    io.stderr.write('haconsole audit: the cluster file names no node to look at (loadBalancers)\n');
    return 3;
  }
  const width = Math.max(40, Math.min(io.stdout.columns ?? COLUMNS, 120));
  io.stdout.write(
    flags.sarif
      ? `${JSON.stringify(auditSarif(result, { version: pkg.version }, locate), null, 2)}\n`
      : flags.json
        ? `${JSON.stringify(auditReport(result), null, 2)}\n`
        : auditText(result, width),
  );
  return exitOf(result);
};
