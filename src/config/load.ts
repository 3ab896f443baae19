import { dirname } from 'node:path';
import { checkShape } from './check.ts';
import type { ClusterConfig, SshTarget } from './cluster-config.ts';
import { durationMs, LIMITS, withinLimits } from './duration.ts';
import { ConfigError, describeValue } from './errors.ts';
import { parseJump } from './hop.ts';
import { locate } from './locate.ts';
import { resolveCluster } from './resolve.ts';
import { checkMeaning } from './semantics.ts';
import { readSource } from './source.ts';

/** What the command line says instead of the file. Durations as text: `500ms`, `2s`. */
export type Overrides = { interval?: string; timeout?: string; via?: string };

/** Everything loading depends on; nothing is read from the process. */
export type LoadOptions = {
  /** `--config`; absent: the usual places. */
  file?: string;
  cwd: string;
  home: string;
  env: Record<string, string | undefined>;
  /** `--jump`: hosts separated by commas, nearest first; `none` for none. Replaces the file's. */
  jump?: string;
  overrides?: Overrides;
};

/** What text is resolved against: `label` names it in messages, `directory` is where relative paths start. */
export type TextOptions = {
  label: string;
  directory: string;
  home: string;
  path?: string;
  jump?: string;
  overrides?: Overrides;
};

const duration = (kind: 'interval' | 'timeout', text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  const ms = durationMs(text);
  if (withinLimits(kind, ms)) return ms;
  throw new ConfigError({ field: `--${kind}`, found: describeValue(text), expected: LIMITS[kind].said });
};

const viaOf = (text: string | undefined, otherwise: 'jump' | 'direct'): 'jump' | 'direct' => {
  if (text === undefined) return otherwise;
  if (text === 'jump' || text === 'direct') return text;
  throw new ConfigError({ field: '--via', found: describeValue(text), expected: 'jump or direct' });
};

/** A jump host of the command line must not take the name of a node or of another hop: both would be one line on screen. */
const checkJump = (config: ClusterConfig, jump: readonly SshTarget[]): void => {
  const taken = new Set(config.nodes.map((node) => node.name.toLowerCase()));
  for (const { name } of jump) {
    const key = name.toLowerCase();
    if (taken.has(key))
      throw new ConfigError({
        field: '--jump',
        found: `${describeValue(name)}, which is taken`,
        expected: 'jump hosts that are neither nodes of the cluster nor named twice',
      });
    taken.add(key);
  }
};

/** Checks and resolves the text of a cluster file. Throws a ConfigError; never a YAML or schema error. */
export const parseCluster = (text: string, options: TextOptions): ClusterConfig => {
  const { overrides = {}, path, directory, home } = options;
  const jump = options.jump === undefined ? undefined : parseJump(options.jump);
  const source = readSource(text, options.label);
  const file = checkShape(source);
  checkMeaning(source, file, { jumpGiven: (jump ?? []).length > 0 });
  const config = resolveCluster(file, {
    ...(path === undefined ? {} : { file: path }),
    directory,
    home,
    ...(jump === undefined ? {} : { jump }),
  });
  if (jump) checkJump(config, jump);
  const via = viaOf(overrides.via, config.http.via);
  if (via === 'jump' && config.ssh.jump.length === 0)
    throw new ConfigError({ field: 'http.via', found: 'jump without a jump host', expected: 'direct, or a jump host' });
  return {
    ...config,
    http: { ...config.http, via },
    interval: duration('interval', overrides.interval, config.interval),
    timeout: duration('timeout', overrides.timeout, config.timeout),
  };
};

/**
 * Finds, reads, checks and resolves the cluster file. Rejects with a ConfigError whose message is one sentence with file,
 * line, column, field, what was expected and what was found: the first fault in file order.
 */
export const loadCluster = async (options: LoadOptions): Promise<ClusterConfig> => {
  const { path, label, text } = await locate(options);
  return parseCluster(text, {
    label,
    path,
    directory: dirname(path),
    home: options.home,
    ...(options.jump === undefined ? {} : { jump: options.jump }),
    ...(options.overrides === undefined ? {} : { overrides: options.overrides }),
  });
};
