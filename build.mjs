// Bundles src/ into dist/. ssh2's native parts are optional and stubbed: nothing here needs a compiler.
import { rename, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const nativeStub = {
  name: 'native-stub',
  setup(b) {
    b.onResolve({ filter: /(^cpu-features$|\.node$)/ }, (args) => ({ path: args.path, namespace: 'native-stub' }));
    b.onLoad({ filter: /.*/, namespace: 'native-stub' }, () => ({
      contents: 'throw new Error("native addon left out")',
      loader: 'js',
    }));
    b.onResolve({ filter: /\/devtools\.js$/ }, (args) =>
      args.importer.includes('/ink/') ? { path: args.path, namespace: 'devtools-stub' } : undefined,
    );
    b.onLoad({ filter: /.*/, namespace: 'devtools-stub' }, () => ({ contents: 'export {}', loader: 'js' }));
  },
};

// Built beside and swapped in, so that a console started meanwhile finds a whole bundle.
const fresh = `dist.${process.pid}`;
await build({
  entryPoints: { cli: 'src/cli.ts' },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  banner: {
    js: "import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url),__filename=__fu(import.meta.url),__dirname=__dn(__filename);",
  },
  plugins: [nativeStub],
  logLevel: 'warning',
});
await rm('dist', { recursive: true, force: true });
await rename(fresh, 'dist');
