import type { AuditFile, AuditInput, AuditNode, Seen } from '../../src/audit/input.ts';
import { renderFiles } from '../../src/render/files.ts';
import { fixture } from '../render/clusters.ts';

export const KEEPALIVED = '/etc/keepalived/keepalived.conf';
export const NGINX = '/etc/nginx/nginx.conf';
export const SCRIPT = '/etc/keepalived/check_nginx.sh';

/** A pair as `render` writes it, everything around it in order, and ways to spoil it. */
export type Pair = {
  input: AuditInput;
  node: (name: string) => AuditNode;
  file: (path: string, node?: string) => AuditFile;
  /** Replaces text on one node, or on both load balancers; fails where it is not there. */
  edit: (path: string, from: string | RegExp, to: string, node?: string) => Pair;
  /** Writes a file on one node, or on both load balancers. */
  put: (path: string, text: string, more?: Partial<AuditFile>, node?: string) => Pair;
};

/** What `render` writes for the tutorial's cluster, installed as its docs say. */
export const pair = (asInTutorial = false): Pair => {
  const config = fixture('tutorial');
  const rendered = renderFiles(config, { asInTutorial });
  const node = ({ name, role }: { name: string; role: 'lb' | 'web' }): AuditNode => ({
    name,
    role,
    files: new Map(
      rendered
        .filter((one) => one.node === name)
        .map(({ path, mode, content }): [string, Seen<AuditFile>] => [
          path,
          { is: 'seen', value: { path, text: content, mode, owner: 'root', group: 'root' } },
        ]),
    ),
    units: new Map(
      (role === 'lb' ? ['nginx', 'keepalived'] : ['apache2']).map((unit) => [unit, { is: 'seen', value: 'enabled' }]),
    ),
    versions: new Map(
      (role === 'lb' ? ['keepalived', 'nginx'] : []).map((name) => [name, { is: 'seen', value: '2.2.7' }]),
    ),
    keepalivedTest: { is: 'seen', value: [] },
    nginxTest: { is: 'seen', value: [] },
    timeSync: { is: 'seen', value: 'chrony' },
    rotated: new Map(),
  });
  const input: AuditInput = {
    title: config.name,
    nodes: config.nodes.map(node),
    vips: config.vips.map((vip) => vip.address),
    wholePair: true,
  };
  const find = (name: string) => input.nodes.find((one) => one.name === name)!;
  const each = (only: string | undefined) =>
    input.nodes.filter((one) => (only === undefined ? one.role === 'lb' : one.name === only));
  const file = (path: string, name = 'lb1'): AuditFile => {
    const seen = find(name).files.get(path);
    if (seen?.is !== 'seen') throw new Error(`${name} has no ${path}`);
    return seen.value;
  };
  const self: Pair = {
    input,
    node: find,
    file,
    edit: (path, from, to, only) => {
      for (const { name } of each(only)) {
        const one = file(path, name);
        const text = one.text.replace(from, to);
        if (text === one.text) throw new Error(`${path} on ${name} has no ${String(from)}`);
        one.text = text;
      }
      return self;
    },
    put: (path, text, more = {}, only) => {
      for (const one of each(only))
        one.files.set(path, { is: 'seen', value: { path, text, mode: 0o755, owner: 'root', group: 'root', ...more } });
      return self;
    },
  };
  return self;
};
