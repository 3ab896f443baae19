/** Ways into the embedded cluster that are not smooth: cluster files with other keys, and a host before its jump host. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedFile, type DemoCluster } from './demo-console.ts';
import { makeKey, startSshServer, type TestKey, type TestServer, type TestServerOptions } from './ssh-server.ts';

const KNOWN = /knownHosts: "([^"]+)"/;

/** What the demo's known_hosts file says. */
export const knownLines = (cluster: DemoCluster): string[] => {
  const path = KNOWN.exec(readFileSync(cluster.clusterFile, 'utf8'))?.[1] ?? '';
  return readFileSync(path, 'utf8').trimEnd().split('\n');
};

/** A cluster file whose known_hosts holds these lines; the paths of both. */
export const withKnownHosts = (cluster: DemoCluster, directory: string, lines: readonly string[]) => {
  const knownHosts = join(directory, 'known_hosts');
  writeFileSync(knownHosts, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const file = changedFile(cluster, directory, [[KNOWN, `knownHosts: ${JSON.stringify(knownHosts)}`]]);
  return { file, knownHosts };
};

/** Writes a private key; returns its path. */
export const keyFile = (directory: string, key: TestKey): string => {
  const path = join(directory, 'gate_key');
  writeFileSync(path, key.private, { mode: 0o600 });
  return path;
};

/** A host `gate` before the demo's jump host, and the cluster file of that way. */
export const startGate = async (
  cluster: DemoCluster,
  directory: string,
  options: { key: TestKey; server?: TestServerOptions },
): Promise<{ server: TestServer; file: string }> => {
  const server = await startSshServer({ keys: [options.key], ...options.server });
  const { knownHosts } = withKnownHosts(cluster, directory, [
    ...knownLines(cluster),
    `[127.0.0.1]:${server.port} ${server.hostKey.public.split(' ').slice(0, 2).join(' ')}`,
  ]);
  const gate = `{ name: gate, host: 127.0.0.1, port: ${server.port}, user: ops, identity: ${JSON.stringify(keyFile(directory, options.key))} }`;
  const jump = /jump: (\{.*\})\n/.exec(readFileSync(cluster.clusterFile, 'utf8'))?.[1] ?? '';
  const file = changedFile(cluster, directory, [
    [KNOWN, `knownHosts: ${JSON.stringify(knownHosts)}`],
    [jump, `[ ${gate}, ${jump} ]`],
  ]);
  return { server, file };
};

export { makeKey };
