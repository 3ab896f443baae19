import { isFrozen } from './cgroup.ts';
import { currentFlavour, SERVICES } from './configure.ts';
import { complaints } from './heal.ts';
import { isNamespace } from './net.ts';
import { isRunning } from './node.ts';
import { addressOf, NODES, SWITCH, VIPS } from './plan.ts';
import { addressesOf, curlVip, holders, inWords, processStates, unitState } from './truth.ts';

/** The lab as a small table, one line per node and VIP, and last what is wrong. */
export async function statusText(): Promise<string> {
  if (!(await isNamespace(SWITCH))) return 'the lab is not up; lab up builds and starts it';
  const rows = await Promise.all(NODES.map(({ name, role }) => nodeRow(name, SERVICES[role])));
  const vips = await Promise.all(
    VIPS.map(async (vip) => [vip, (await holders(vip)).join(' + ') || 'nobody', inWords(await curlVip(vip)), '']),
  );
  const wrong = await complaints();
  return [
    ...table([['node', 'state', 'addresses', 'services'], ...rows]),
    '',
    ...table([['VIP', 'holder', 'answer', ''], ...vips]),
    '',
    `flavour ${await currentFlavour()}; ${wrong.length === 0 ? 'healthy' : `not healthy: ${wrong.join('; ')}`}`,
  ].join('\n');
}

async function nodeRow(name: string, units: readonly string[]): Promise<string[]> {
  if (!isRunning(name)) return [name, 'off', '', ''];
  if (isFrozen(name)) return [name, 'frozen', addressOf(name), 'unknown'];
  const services = units.map(async (unit) => {
    const state = await unitState(name, unit);
    const frozen = (await processStates(name, unit)).some((one) => one.startsWith('T'));
    return `${unit} ${frozen ? 'frozen' : state?.load === 'masked' ? 'masked' : (state?.active ?? 'unknown')}`;
  });
  const addresses = (await addressesOf(name)).map((address) => address.replace('172.16.249.', '.'));
  return [name, 'running', addresses.join(' '), (await Promise.all(services)).join(', ')];
}

function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
