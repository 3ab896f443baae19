// What goes beside a bundle: the licences of all that is in it, and its bill of materials.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { billOf } from './bill.mjs';
import { sbomOf } from './sbom.mjs';

const RULE = '='.repeat(80);

const chapter = (title, texts) =>
  `${RULE}\n${title}\n${RULE}\n\n${texts.map((text) => text.replace(/\r/g, '').trim()).join('\n\n')}\n`;

const licencesOf = (product, bill, runtime) => {
  const read = (path) => readFileSync(path, 'utf8');
  return [
    chapter(`${product.name} ${product.version} (${product.license})`, [read('LICENSE')]),
    ...(runtime ? [chapter(`Node.js ${runtime.version}, with what it is made of`, [read(runtime.licence)])] : []),
    ...bill.map((one) =>
      chapter(
        `${one.name} ${one.version} (${one.licence})${one.repository ? `\n${one.repository}` : ''}`,
        one.texts.map(read),
      ),
    ),
  ].join('\n');
};

/**
 * Writes licences.txt and sbom.cdx.json into `directory`. `runtime` (version, versions, licence: a path) where Node.js itself is shipped,
 * too. Returns how many packages are in it.
 */
export const writeMaterials = (directory, metafile, runtime) => {
  const product = JSON.parse(readFileSync('package.json', 'utf8'));
  const bill = billOf(metafile);
  writeFileSync(join(directory, 'licences.txt'), licencesOf(product, bill, runtime));
  writeFileSync(join(directory, 'sbom.cdx.json'), sbomOf(product, bill, runtime?.versions));
  return bill.length;
};
