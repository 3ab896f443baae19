// Which packages are really in a bundle, from esbuild's own account of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Package directories whose code reached the output, most of a bundle's inputs are dropped as unused. */
const directoriesOf = (metafile) => {
  const inputs = Object.values(metafile.outputs)
    .flatMap((output) => Object.entries(output.inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^(?<directory>.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.groups.directory);
  return [...new Set(inputs.filter(Boolean))].sort();
};

/** SPDX name of the licence; some old manifests say it as `licenses: [{ type }]`. */
const licenceId = (manifest) => manifest.license ?? manifest.licenses?.[0]?.type ?? 'NOASSERTION';

const repositoryOf = ({ repository }) => {
  const url = typeof repository === 'string' ? repository : repository?.url;
  if (!url) return undefined;
  return url
    .replace(/^git\+/, '')
    .replace(/^(?:git|ssh):\/\/(?:git@)?/, 'https://')
    .replace(/^(?:github:)?([\w.-]+\/[\w.-]+)$/, 'https://github.com/$1')
    .replace(/\.git$/, '');
};

const legalFiles = (directory) =>
  readdirSync(directory)
    .filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name))
    .sort()
    .map((name) => join(directory, name));

/** What a package forgot to ship, and what it has built in itself. */
const supplements = (name, directory) =>
  [join('tools/build/licences', `${name.replace('/', '__')}.txt`), join(directory, 'build/licenses.md')].filter(
    existsSync,
  );

/** The nearest package called `name` as Node resolves it from `directory`, among those bundled. */
const resolved = (name, directory, bundled) => {
  for (let at = directory; ; at = dirname(at)) {
    const found = bundled.get(join(at, 'node_modules', name));
    if (found || at === dirname(at)) return found;
  }
};

/**
 * The packages in the bundle, by name and version: name, version, licence, repository, texts (paths), integrity (of the lock file) and
 * needs (their dependencies that are bundled, too). Throws when a package has no licence text: it could not be shipped.
 */
export const billOf = (metafile) => {
  const lock = readJson('package-lock.json').packages;
  const packages = directoriesOf(metafile).map((directory) => {
    const manifest = readJson(join(directory, 'package.json'));
    const { name, version } = manifest;
    const texts = [...legalFiles(directory), ...supplements(name, directory)];
    if (texts.length === 0) throw new Error(`${name} has no licence text: add tools/build/licences/${name}.txt`);
    const key = directory.slice(directory.indexOf('node_modules')).split(sep).join('/');
    return {
      directory,
      name,
      version,
      licence: licenceId(manifest),
      repository: repositoryOf(manifest),
      texts,
      integrity: lock[key]?.integrity,
      dependencies: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    };
  });
  const bundled = new Map(packages.map((one) => [join(one.directory), one]));
  const direct = Object.keys({ ...readJson('package.json').dependencies, ...readJson('package.json').devDependencies });
  const base = packages[0] ? packages[0].directory.replace(/node_modules\/.*$/, '') : '.';
  const once = new Map();
  for (const one of packages) {
    const needs = one.dependencies.map((name) => resolved(name, join(one.directory), bundled)).filter(Boolean);
    const label = `${one.name}@${one.version}`;
    once.set(label, {
      ...one,
      label,
      needs: [...new Set(needs.map((need) => `${need.name}@${need.version}`))].sort(),
      direct: direct.includes(one.name) && join(one.directory) === join(base, 'node_modules', one.name),
    });
  }
  return [...once.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
};
