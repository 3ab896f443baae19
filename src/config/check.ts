import type * as z from 'zod';
import { ConfigError, describeValue, type Position, shown } from './errors.ts';
import { nearest } from './nearest.ts';
import { type ClusterFile, clusterFile } from './schema.ts';
import type { Path, Source } from './source.ts';

type Issue = z.core.$ZodIssue;
type Fault = { position: Position; path: Path; found: string; expected: string; advice?: string };

/** `loadBalancers[0].address` from its path. */
export const fieldName = (path: Path): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`)).join('');

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, part) => (at !== null && typeof at === 'object' && Object.hasOwn(at, part) ? (at as never)[part] : undefined),
    value,
  );

type Placed = { issue: Issue; path: Path };

const inside = ({ issue, path }: Placed): boolean => path.length > 0 || issue.code === 'unrecognized_keys';

const weight = (issues: readonly Placed[]): number =>
  issues.reduce((sum, { issue }) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);

/** The issues of a union are those of the branch that was meant: the one that complains about its inside, not its kind, and least. */
const flatten = (issue: Issue): Placed[] => {
  const path = issue.path as Path;
  if (issue.code === 'invalid_union') {
    const [meant] = issue.errors
      .map((branch) => branch.flatMap(flatten))
      .filter((branch) => branch.every(inside))
      .sort((a, b) => weight(a) - weight(b));
    if (meant && meant.length > 0) return meant.map((inner) => ({ ...inner, path: [...path, ...inner.path] }));
  }
  return [{ issue, path }];
};

/** Keys that the schema knows at `path`; walks through defaults, lists and unions. */
const knownKeys = (schema: unknown, path: Path): string[] => {
  const def = (schema as { def?: Record<string, unknown> } | undefined)?.def;
  if (!def) return [];
  if (def.innerType) return knownKeys(def.innerType, path);
  if (Array.isArray(def.options)) return def.options.flatMap((option) => knownKeys(option, path));
  if (def.element) return path.length > 0 && typeof path[0] === 'number' ? knownKeys(def.element, path.slice(1)) : [];
  const shape = def.shape as Record<string, unknown> | undefined;
  if (!shape) return [];
  const [head, ...rest] = path;
  return head === undefined ? Object.keys(shape) : knownKeys(shape[head], rest);
};

const faultsOf = (schema: z.ZodType, source: Source, { issue, path }: Placed): Fault[] => {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path).filter((key) => key !== '$schema');
    // A hostile file may have very many.
    return issue.keys.slice(0, 50).map((key) => {
      const meant = nearest(key, known);
      const at = [...path, key];
      return {
        position: source.atKey(at),
        path: at,
        found: `the unknown field "${shown(key)}"`,
        expected: `one of ${known.join(', ')}`,
        ...(meant ? { advice: `did you mean ${meant}?` } : {}),
      };
    });
  }
  const value = valueAt(source.value, path);
  return [{ position: source.at(path), path, found: describeValue(value), expected: issue.message }];
};

/** Throws the first of these faults in file order as a ConfigError; returns when there is none. */
export const throwFirst = (source: Source, faults: readonly Fault[]): void => {
  const [first] = [...faults].sort(
    (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
  );
  if (!first) return;
  throw new ConfigError({ ...first, file: source.file, field: fieldName(first.path) });
};

/** Holds a parsed file against a schema. Throws a ConfigError for the first fault in file order; `expected` names the whole. */
export const checkAgainst = <T>(schema: z.ZodType<T>, source: Source, expected: string): T => {
  const result = schema.safeParse(source.value);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap(flatten).flatMap((placed) => faultsOf(schema, source, placed));
  throwFirst(source, faults);
  throw new ConfigError({ file: source.file, field: '', found: 'something else', expected });
};

/** Holds a parsed file against the schema of the cluster file. Throws a ConfigError for the first fault in file order. */
export const checkShape = (source: Source): ClusterFile => checkAgainst(clusterFile, source, 'a cluster file');
