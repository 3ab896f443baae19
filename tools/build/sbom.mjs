// The bill of materials as CycloneDX 1.6. The same sources give the same bytes: no time and no random number in it.
import { createHash } from 'node:crypto';

const purl = ({ name, version }) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

const licencesOf = ({ licence }) =>
  licence === 'NOASSERTION' ? [] : [/ /.test(licence) ? { expression: licence } : { license: { id: licence } }];

/** The lock file says `sha512-BASE64`, CycloneDX wants hexadecimal digits. */
const hashesOf = ({ integrity }) => {
  const match = /^sha(\d+)-(\S+)$/.exec(integrity ?? '');
  return match ? [{ alg: `SHA-${match[1]}`, content: Buffer.from(match[2], 'base64').toString('hex') }] : undefined;
};

const component = (one) => ({
  type: 'library',
  'bom-ref': purl(one),
  name: one.name,
  version: one.version,
  licenses: licencesOf(one),
  hashes: hashesOf(one),
  purl: purl(one),
  externalReferences: one.repository ? [{ type: 'vcs', url: one.repository }] : undefined,
});

/** Node.js, in the executable, with what it is made of (process.versions). */
const runtimeComponent = (versions) => ({
  type: 'platform',
  'bom-ref': `pkg:generic/node@${versions.node}`,
  name: 'node',
  version: versions.node,
  licenses: [{ license: { id: 'MIT' } }],
  purl: `pkg:generic/node@${versions.node}`,
  cpe: `cpe:2.3:a:nodejs:node.js:${versions.node}:*:*:*:*:*:*:*`,
  components: Object.entries(versions)
    .filter(([name]) => name !== 'node' && name !== 'modules' && name !== 'napi')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, version]) => ({
      type: 'library',
      'bom-ref': `pkg:generic/node@${versions.node}#${name}`,
      name,
      version,
    })),
});

const uuid = (text) => {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** The CycloneDX text for `product` (package.json) and the bill; `versions` (process.versions) where the runtime is in it, too. */
export const sbomOf = (product, bill, versions) => {
  const root = purl(product);
  const runtime = versions ? [runtimeComponent(versions)] : [];
  const named = new Map(bill.map((one) => [one.label, purl(one)]));
  const body = {
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name: product.name,
        version: product.version,
        description: product.description,
        licenses: [{ license: { id: product.license } }],
        purl: root,
      },
    },
    components: [...bill.map(component), ...runtime],
    dependencies: [
      {
        ref: root,
        dependsOn: [...bill.filter((one) => one.direct).map(purl), ...runtime.map((one) => one['bom-ref'])],
      },
      ...bill.map((one) => ({ ref: purl(one), dependsOn: one.needs.map((need) => named.get(need)) })),
    ],
  };
  const serialNumber = `urn:uuid:${uuid(JSON.stringify(body))}`;
  return `${JSON.stringify({ $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber, ...body }, null, 2)}\n`;
};
