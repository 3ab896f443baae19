import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installFiles } from '../configure.ts';
import { ipIn } from '../net.ts';
import { inside, mustInside } from '../node.ts';
import { IDENTITY, LabError, LB_NAMES, namespaceOf, nodeOf, rootOf, VIPS } from '../plan.ts';
import { onNet, until } from '../run.ts';
import { type Answer, addressesOf, curlNode, holders, inWords } from '../truth.ts';
import { writeOn } from './config.ts';

const FAULT_CONF = 'etc/apache2/conf-enabled/lab-fault.conf';
const PAGE = 'var/www/html/index.html';

function web(name: string): string {
  if (nodeOf(name).role !== 'web') throw new LabError(`${name} is no web node`);
  return name;
}

async function answers(name: string, wanted: (answer: Answer) => boolean): Promise<string> {
  let last: Answer | undefined;
  await until(
    async () => `${name} answers ${last ? inWords(last) : 'nothing'}`,
    async () => {
      last = await curlNode(name);
      return wanted(last);
    },
  );
  return `${name}: ${inWords(last!)}`;
}

/** Makes a web node answer every request with this status (404, 500, 503, …). */
export async function webStatus(name: string, status: string): Promise<string> {
  if (!/^[45]\d\d$/.test(status)) throw new LabError(`"${status}" is no error status such as 404 or 500`);
  await writeOn(web(name), FAULT_CONF, `RedirectMatch ${status} "^/"\n`);
  await mustInside(name, ['systemctl', 'reload', 'apache2']);
  return answers(name, (answer) => answer.status === Number(status));
}

/** Replaces a web node's page: a stranger's body under status 200. */
export async function webPage(name: string, text: string): Promise<string> {
  await writeOn(web(name), PAGE, text);
  return answers(name, (answer) => answer.status === 200 && answer.body === text);
}

/** The page and the status that `render` meant. */
export async function mendWeb(name: string): Promise<string> {
  await rm(join(rootOf(web(name)), FAULT_CONF), { force: true });
  await installFiles(name);
  await inside(name, ['systemctl', 'reload-or-restart', 'apache2']);
  return answers(name, isOwnPage(name));
}

/** Whether an answer is the page of this web node. */
export const isOwnPage =
  (name: string) =>
  (answer: Answer): boolean =>
    answer.body.includes(IDENTITY[name]!) && (answer.status === 200 || answer.status === 403);

/** A foreign host takes a VIP: the address is added on a node and announced to the LAN. */
export async function squat(name: string, vip: string = VIPS[0]): Promise<string> {
  if (!(VIPS as readonly string[]).includes(vip)) throw new LabError(`${vip} is no VIP; they are ${VIPS.join(', ')}`);
  await ipIn(namespaceOf(web(name)), 'addr', 'replace', `${vip}/32`, 'dev', 'eth0');
  await announce(name, vip);
  return `${vip} is on ${(await holders(vip)).join(' and ')}`;
}

/** Gives the VIP back; whoever holds it by right announces it, as no keepalived would by itself. */
export async function unsquat(name: string, vip: string = VIPS[0]): Promise<string> {
  if ((await addressesOf(web(name))).includes(vip))
    await ipIn(namespaceOf(name), 'addr', 'del', `${vip}/32`, 'dev', 'eth0');
  const left = await holders(vip);
  for (const holder of left) if ((LB_NAMES as readonly string[]).includes(holder)) await announce(holder, vip);
  return `${vip} is on ${left.join(' and ') || 'nobody'}`;
}

/** Has a node tell the LAN that a VIP is with it (gratuitous ARP). */
export const announce = (name: string, vip: string) =>
  onNet(name, ['arping', '-U', '-c', '2', '-w', '2', '-I', 'eth0', vip]);
