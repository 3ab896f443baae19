// One file that runs where no Node.js is: the bundle inside a copy of the Node.js that builds it (a single executable application).
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from './bundle.mjs';
import { writeMaterials } from './materials.mjs';

/** Where it goes to; with `work` files that are gone at the end. */
const OUT = process.argv[2] ?? 'dist-exe';
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** The application is one CommonJS script: what Node itself brings comes by `require`. */
const builtins = {
  name: 'builtins',
  setup(b) {
    const names = new Set(builtinModules);
    b.onResolve({ filter: /^[a-z]/ }, ({ path, namespace }) => {
      if (!path.startsWith('node:') && !names.has(path)) return undefined;
      return namespace === 'builtin' ? { path, external: true } : { path, namespace: 'builtin' };
    });
    b.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
      loader: 'js',
    }));
  },
};

/** As bin/haconsole.mjs prepares the ground. */
const PROLOGUE = "delete process.env.DEV;if(process.env.NO_COLOR)process.env.FORCE_COLOR='0';";

const script = async () => {
  const { outputFiles, metafile } = await build({
    ...bundleOptions,
    outdir: OUT,
    write: false,
    define: { ...bundleOptions.define, 'import.meta': '__meta' },
    plugins: [builtins, ...bundleOptions.plugins],
  });
  // Packages in it wait at their top level, which CommonJS cannot: so all of it stands in an asynchronous function.
  const meta = "const __meta={url:require('node:url').pathToFileURL(process.execPath).href};";
  return { text: `${PROLOGUE}${meta}(async()=>{${outputFiles[0].text}\n})();`, metafile };
};

/** The Node.js of this process, without its debugging symbols where binutils are at hand. */
const copyRuntime = (target) => {
  copyFileSync(realpathSync(process.execPath), target);
  chmodSync(target, 0o755);
  try {
    execFileSync('strip', ['--strip-all', target], { stdio: 'ignore' });
  } catch {
    process.stderr.write(
      'strip is not there or does not know this file: the executable keeps its symbols (15 MB more)\n',
    );
  }
};

if (process.platform !== 'linux')
  throw new Error('the executable is built on Linux, for the architecture of this machine');
// Beside bin/ in an unpacked Node.js, beside package.json in the npm package of it.
const licence = ['../LICENSE', '../share/doc/node/LICENSE']
  .map((path) => join(dirname(realpathSync(process.execPath)), path))
  .find(existsSync);
if (!licence) throw new Error(`no LICENSE beside ${process.execPath}: use the Node.js that npm ci brings`);

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
const { text, metafile } = await script();
const work = (name) => join(OUT, name);
writeFileSync(work('haconsole.cjs'), text);
const packages = writeMaterials(OUT, metafile, { version: process.versions.node, versions: process.versions, licence });
writeFileSync(
  work('sea.json'),
  JSON.stringify({
    main: work('haconsole.cjs'),
    output: work('haconsole.blob'),
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // Of no concern to an operator: what NODE_OPTIONS asks of other programs here.
    execArgvExtension: 'none',
    assets: { 'licences.txt': work('licences.txt') },
  }),
);
execFileSync(process.execPath, ['--experimental-sea-config', work('sea.json')], { stdio: 'pipe' });
copyRuntime(work('haconsole'));
// By its command line: its library writes harmless warnings to the console.
execFileSync(
  process.execPath,
  [
    'node_modules/postject/dist/cli.js',
    work('haconsole'),
    'NODE_SEA_BLOB',
    work('haconsole.blob'),
    '--sentinel-fuse',
    FUSE,
  ],
  { stdio: 'pipe' },
);
for (const name of ['haconsole.cjs', 'haconsole.blob', 'sea.json']) rmSync(work(name));
const megabytes = (statSync(work('haconsole')).size / 1e6).toFixed(0);
process.stdout.write(`${work('haconsole')}: ${megabytes} MB, Node.js ${process.versions.node}, ${packages} packages\n`);
