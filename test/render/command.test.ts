import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RenderOptions, renderCommand } from '../../src/commands/render.ts';
import { cluster, pair } from './clusters.ts';

let out = '';
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'haconsole-render-'));
});
afterEach(() => rm(out, { recursive: true }));

const render = async (options: Partial<RenderOptions> = {}) => {
  const said = { stdout: '', stderr: '' };
  const code = await renderCommand({
    config: pair(),
    force: false,
    asInTutorial: false,
    env: {},
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
    ...options,
  });
  return { code, ...said };
};
const modeOf = async (path: string): Promise<string> => ((await stat(join(out, path))).mode & 0o777).toString(8);

describe('render to stdout', () => {
  it('prints every file under its heading', async () => {
    const { code, stdout, stderr } = await render();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^# ==> .*$/gm)).toEqual([
      '# ==> lb1:/etc/nginx/nginx.conf',
      '# ==> lb1:/etc/keepalived/keepalived.conf',
      '# ==> lb1:/etc/keepalived/check_nginx.sh',
      '# ==> lb2:/etc/nginx/nginx.conf',
      '# ==> lb2:/etc/keepalived/keepalived.conf',
      '# ==> lb2:/etc/keepalived/check_nginx.sh',
      '# ==> web1:/var/www/html/index.html',
      '# ==> web2:/var/www/html/index.html',
    ]);
  });

  it('prints one node’s files, or one file exactly', async () => {
    expect((await render({ node: 'web2' })).stdout).toMatch(
      /^# ==> web2:\/var\/www\/html\/index\.html\nHTTP WEB NODE 02/,
    );
    const byPath = await render({ node: 'lb1', file: '/etc/keepalived/check_nginx.sh' });
    expect(byPath.stdout).toMatch(/^#!\/bin\/bash\n[\s\S]*\nexit 1\n$/);
    expect((await render({ node: 'lb1', file: 'check_nginx.sh' })).stdout).toBe(byPath.stdout);
  });

  it('refuses a node or a file that is not there, with status 2 and nothing on stdout', async () => {
    expect(await render({ node: 'lb9\u001b[2J' })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'haconsole render: no node is called "lb9\\u001b[2J": there are lb1, lb2, web1, web2.\n',
    });
    expect(await render({ node: 'web1', file: 'nginx.conf' })).toMatchObject({ code: 2, stdout: '' });
    expect(await render({ config: cluster('vips: [10.0.0.1]') })).toMatchObject({
      code: 2,
      stderr: 'haconsole render: render needs at least two load balancers in the cluster file (loadBalancers).\n',
    });
  });

  it('takes the password from the environment', async () => {
    expect((await render({ env: { HACONSOLE_AUTH_PASS: 's3cr3t' } })).stdout).toContain('auth_pass s3cr3t');
    expect(await render({ env: { HACONSOLE_AUTH_PASS: 'much too long' } })).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('render -o', () => {
  it('writes a tree for each node, with the modes, and says so', async () => {
    const { code, stdout, stderr } = await render({ out, env: { HACONSOLE_AUTH_PASS: 'x' } });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(`written   0755 ${out}/lb1/etc/keepalived/check_nginx.sh\n`);
    expect(await modeOf('lb2/etc/keepalived/check_nginx.sh')).toBe('755');
    expect(await modeOf('lb2/etc/keepalived/keepalived.conf')).toBe('600');
    expect(await modeOf('web1/var/www/html/index.html')).toBe('644');
  });

  it('says that nothing changed the second time, and puts modes right', async () => {
    await render({ out });
    await chmod(join(out, 'lb1/etc/keepalived/check_nginx.sh'), 0o777);
    const { code, stderr } = await render({ out });
    expect(code).toBe(0);
    expect(stderr.split('\n').filter((line) => line.startsWith('unchanged'))).toHaveLength(8);
    expect(await modeOf('lb1/etc/keepalived/check_nginx.sh')).toBe('755');
  });

  it('writes nothing at all when one file would change, unless forced', async () => {
    await render({ out, node: 'lb2' });
    const edited = join(out, 'lb2/etc/nginx/nginx.conf');
    await writeFile(edited, 'by hand\n');
    const refused = await render({ out });
    expect(refused).toMatchObject({
      code: 2,
      stderr: `haconsole render: nothing written: ${edited} would change (--force overwrites).\n`,
    });
    await expect(stat(join(out, 'lb1'))).rejects.toThrow('ENOENT');
    expect(await readFile(edited, 'utf8')).toBe('by hand\n');
    const forced = await render({ out, force: true });
    expect(forced.stderr).toContain(`replaced  0644 ${edited}\n`);
    expect(await readFile(edited, 'utf8')).toContain('upstream');
  });

  it('does not write through a symbolic link in a file’s place', async () => {
    await render({ out, node: 'web1' });
    const page = join(out, 'web1/var/www/html/index.html');
    const elsewhere = join(out, 'elsewhere');
    await writeFile(elsewhere, 'mine');
    await rm(page);
    await symlink(elsewhere, page);
    expect((await render({ out, node: 'web1' })).code).toBe(2);
    expect((await render({ out, node: 'web1', force: true })).code).toBe(0);
    expect(await readFile(elsewhere, 'utf8')).toBe('mine');
  });

  it('tells what is in the way when it cannot write', async () => {
    await writeFile(join(out, 'lb1'), 'a file where a directory belongs');
    const { code, stderr } = await render({ out });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^haconsole render: .*lb1/);
  });
});
