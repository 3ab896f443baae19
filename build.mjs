// Bundles src/ into dist/, with the licences and the bill of materials of what is in it.
import { rename, rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundleOptions } from './tools/build/bundle.mjs';
import { writeMaterials } from './tools/build/materials.mjs';

// Built beside and swapped in, so that a console started meanwhile finds a whole bundle.
const fresh = `dist.${process.pid}`;
const { metafile } = await build({
  ...bundleOptions,
  outdir: fresh,
  splitting: true,
  banner: {
    js: "import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url),__filename=__fu(import.meta.url),__dirname=__dn(__filename);",
  },
});
writeMaterials(fresh, metafile);
await rm('dist', { recursive: true, force: true });
await rename(fresh, 'dist');
