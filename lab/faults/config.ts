import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installFiles } from '../configure.ts';
import { inside, mustInside } from '../node.ts';
import { LabError, nodeOf, rootOf, VIPS } from '../plan.ts';
import { until } from '../run.ts';
import { addressesOf, unitState } from '../truth.ts';
import { start } from './service.ts';

function balancer(name: string): string {
  if (nodeOf(name).role !== 'lb') throw new LabError(`${name} is no load balancer`);
  return name;
}

const nginxTest = (name: string) => inside(name, ['nginx', '-t', '-q']);

/** Breaks nginx.conf. The running nginx notices nothing until it is reloaded, restarted or stopped. */
export async function breakNginx(name: string): Promise<string> {
  await mustInside(balancer(name), ['sed', '-i', 's/proxy_pass\\b/proxy_pas/', '/etc/nginx/nginx.conf']);
  const test = await nginxTest(name);
  if (test.code === 0) throw new LabError(`nginx -t on ${name} still accepts its file`);
  return `${name}: nginx -t says ${test.stderr.trim().split('\n')[0]}`;
}

/** Puts the rendered nginx.conf back and starts what the fault had brought down. */
export async function mendNginx(name: string): Promise<string> {
  await installFiles(balancer(name));
  const test = await nginxTest(name);
  if (test.code !== 0) throw new LabError(`nginx -t on ${name}: ${test.stderr.trim()}`);
  await inside(name, ['rm', '-f', '/run/check_nginx.restarts']);
  return `${await start('nginx', name)}; ${await start('keepalived', name)}`;
}

/** Reloads keepalived on a file with a VRID that does not exist: it exits and leaves its VIPs behind. */
export async function breakKeepalived(name: string): Promise<string> {
  const file = '/etc/keepalived/keepalived.conf';
  await mustInside(balancer(name), ['sed', '-i', 's/virtual_router_id .*/virtual_router_id 999/', file]);
  const held = (await addressesOf(name)).filter((address) => (VIPS as readonly string[]).includes(address));
  await inside(name, ['systemctl', 'reload', 'keepalived']);
  await until(
    `keepalived on ${name} survives its broken file`,
    async () => (await unitState(name, 'keepalived'))?.active === 'failed',
  );
  const left = (await addressesOf(name)).filter((address) => held.includes(address));
  return `${name}: keepalived failed, ${left.length} of ${held.length} VIPs left behind`;
}

/** Puts the rendered keepalived.conf back, removes what was left behind, starts keepalived. */
export async function mendKeepalived(name: string): Promise<string> {
  await installFiles(balancer(name));
  return start('keepalived', name);
}

const CHECK_LOG = '/etc/keepalived/check_nginx.log';
const COVER = '/run/lab-check-log';

/** How a check log can refuse a line. */
export type LogFault = 'readonly' | 'full';

/**
 * Makes the check log refuse every line, from root too: a read-only mount over it, or a disk of two pages with not one
 * byte left. Both keep the log readable.
 */
export async function spoilCheckLog(name: string, how: string): Promise<string> {
  balancer(name);
  if (how !== 'readonly' && how !== 'full') throw new LabError(`"${how}" is neither readonly nor full`);
  await restoreCheckLog(name);
  await mustInside(name, ['sh', '-c', how === 'full' ? FULL : READONLY, 'sh', CHECK_LOG, COVER]);
  const write = await inside(name, ['sh', '-c', 'echo "a line" >> "$0"', CHECK_LOG]);
  if (write.code === 0) throw new LabError(`the check log of ${name} still takes a line`);
  return `${name}: ${write.stderr.trim().split('\n').at(-1)}`;
}

const READONLY = `
[ -e "$1" ] || : > "$1"
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"
`;

// The log is padded at its beginning to whole pages, else its last page would have room for a few more lines.
const FULL = `
set -e
[ -e "$1" ] || : > "$1"
mkdir -p "$2"
mount -t tmpfs -o size=8k,mode=755 lab "$2"
tail -c 2000 "$1" > "$2.old"
{ head -c $((4095 - $(stat -c %s "$2.old"))) /dev/zero | tr '\\\\0' '#'; echo; cat "$2.old"; } > "$2/log"
rm "$2.old"
cat /dev/zero > "$2/filler" 2>/dev/null || true
mount --bind "$2/log" "$1"
`;

/** Takes every cover off the check log. */
export async function restoreCheckLog(name: string): Promise<string> {
  const script =
    'while mountpoint -q "$0"; do umount "$0" || exit 1; done; while mountpoint -q "$1"; do umount "$1" || exit 1; done';
  await mustInside(balancer(name), ['sh', '-c', script, CHECK_LOG, COVER]);
  const write = await inside(name, ['sh', '-c', ': >> "$0"', CHECK_LOG]);
  if (write.code !== 0) throw new LabError(`the check log of ${name}: ${write.stderr.trim()}`);
  return `${name}: the check log can be written`;
}

/** Writes into a node's root while it runs; for faults that replace a file. */
export const writeOn = (name: string, path: string, text: string): Promise<void> =>
  writeFile(join(rootOf(name), path), text);
