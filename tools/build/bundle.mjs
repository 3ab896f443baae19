// What both bundles share: the package's (dist/, in parts that are loaded when needed) and the executable's (one file).

/** ssh2's native parts are optional and stubbed: nothing here needs a compiler. So are React's developer tools. */
const stubs = {
  name: 'stubs',
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

/** esbuild's options for src/cli.ts; add where it goes to. */
export const bundleOptions = {
  entryPoints: { cli: 'src/cli.ts' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [stubs],
  logLevel: 'warning',
};
