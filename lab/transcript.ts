import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultNamed } from './faults.ts';
import { healAll } from './heal.ts';
import { inside, mustInside } from './node.ts';
import { namespaceOf, REPOSITORY, rootOf, VIPS } from './plan.ts';
import { redact } from './redact.ts';
import { type Ran, run, sleep } from './run.ts';
import { DRILL } from './scenes/drill.ts';
import { FILES } from './scenes/files.ts';
import { READING } from './scenes/reading.ts';
import { RELOAD } from './scenes/reload.ts';
import { RIGHTS } from './scenes/rights.ts';
import { SERVICES } from './scenes/services.ts';
import type { Scene, Step } from './scenes/step.ts';
import { TIMER } from './scenes/timer.ts';
import { secret } from './secrets.ts';
import { holders } from './truth.ts';

const SCENES: readonly Scene[] = [...SERVICES, ...RIGHTS, ...TIMER, ...RELOAD, ...FILES, ...READING, ...DRILL];

/** Where transcripts go: the embedded cluster's tests play them back. */
const FOLDER = join(REPOSITORY, 'fixtures/captured/transcripts');

/** Units whose journal belongs to a transcript. */
const SPOKEN = ['nginx', 'keepalived', 'apache2', 'haconsole-restore.timer', 'haconsole-restore.service'];

/** A machine changed by hand in a way that has no switch of its own. */
const CHANGES: Record<string, (node: string, words: string[]) => Promise<unknown>> = {
  'no-stop': (node, [unit = '']) => dropIn(node, unit, '[Unit]\nRefuseManualStop=yes\n'),
  'may-stop': (node, [unit = '']) => dropIn(node, unit, undefined),
  // sudoers.d is read in the order of names and the last word counts: before the lab's own line.
  'sudo-password': (node, [user = '']) =>
    mustInside(node, ['tee', '/etc/sudoers.d/before-lab'], { input: `${user} ALL=(ALL:ALL) ALL\n` }),
  'sudo-narrow': (node) => mustInside(node, ['rm', '-f', '/etc/sudoers.d/before-lab']),
  polkit: (node) => mustInside(node, ['systemctl', 'start', 'polkit']),
  'no-systemd-run': (node) => mustInside(node, ['mv', '/usr/bin/systemd-run', '/usr/bin/systemd-run.away']),
  'systemd-run': (node) => mustInside(node, ['mv', '/usr/bin/systemd-run.away', '/usr/bin/systemd-run']),
};

async function dropIn(node: string, unit: string, text: string | undefined): Promise<void> {
  const folder = `/run/systemd/system/${unit}.service.d`;
  await mustInside(node, ['mkdir', '-p', folder]);
  if (text === undefined) await mustInside(node, ['rm', '-f', `${folder}/lab.conf`]);
  else await mustInside(node, ['tee', `${folder}/lab.conf`], { input: text });
  await mustInside(node, ['systemctl', 'daemon-reload']);
}

/** Runs one command line as the account's login shell does, over the system's own ssh. */
async function overSsh(sockets: string, node: string, user: string, line: string, input: string) {
  const control = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${sockets}/%r-%h`, '-o', 'ControlPersist=30'];
  const from = performance.now();
  const argv = ['netns', 'exec', namespaceOf('op'), 'ssh', '-F', secret.sshConfig, ...control, '-l', user, node, '--'];
  const ran = await run('ip', [...argv, line], { input, timeout: 120_000 });
  return { ...ran, ms: Math.round(performance.now() - from) };
}

const marked = (mark: string, text: string): string[] =>
  text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${mark} ${line}`);

/** Main process and others of a unit, to be compared with later ones: their numbers themselves say nothing. */
async function processes(node: string, unit: string): Promise<{ main: string; others: string[] }> {
  const main = (await mustInside(node, ['systemctl', 'show', '--value', '-p', 'MainPID', unit])).trim();
  const all = await inside(node, ['ps', '-C', unit, '-o', 'pid=']);
  return {
    main,
    others: all.stdout
      .split('\n')
      .map((pid) => pid.trim())
      .filter((pid) => pid && pid !== main),
  };
}

const compared = (before: string[], after: string[]): string =>
  after.length === 0 ? 'none' : after.every((pid) => before.includes(pid)) ? 'same' : 'new';

/** Everything the services and systemd have said of them. (`--after-cursor` with a unit drops the first entry, systemd 252.) */
async function spoken(node: string): Promise<string[]> {
  const units = SPOKEN.flatMap((unit) => ['-u', unit]);
  const json = await mustInside(node, ['journalctl', '-q', '-b', '-o', 'json', ...units]);
  return json
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { SYSLOG_IDENTIFIER: string; MESSAGE: string })
    .map((entry) => `J ${entry.SYSLOG_IDENTIFIER}: ${entry.MESSAGE}`);
}

/** Plays one scene on the lab and returns what was seen, line by line (the form is in docs/lab.md). */
async function play(scene: Scene, sockets: string): Promise<string[]> {
  const lines = [`# ${scene.title}`];
  let known: Record<string, { main: string; others: string[] }> = {};
  let watching: Promise<Ran> | undefined;
  let heard = (await spoken(scene.node)).length;
  const one = async (step: Step): Promise<void> => {
    if ('run' in step) {
      const [node, user] = [step.node ?? scene.node, step.as ?? 'ops'];
      lines.push(`${node} ${user} $ ${step.run}`);
      if (step.input !== undefined) lines.push(`< ${JSON.stringify(step.input)}`);
      const ran = await overSsh(sockets, node, user, step.run, step.input ?? '');
      lines.push(...marked('|', ran.stdout), ...marked('!', ran.stderr), `= ${ran.code} in ${ran.ms} ms`);
    } else if ('wait' in step) {
      lines.push(`+ wait ${step.wait}`);
      await sleep(step.wait);
    } else if ('fault' in step) {
      lines.push(`+ fault ${step.fault.join(' ')}`);
      const [name = '', ...args] = step.fault;
      await faultNamed(name, args).apply(...args);
    } else if ('heal' in step) {
      lines.push('+ heal');
      await healAll();
    } else if ('change' in step) {
      lines.push(`+ change ${step.change.join(' ')}`);
      const [name = '', node = '', ...words] = step.change;
      await CHANGES[name]!(node, words);
    } else if ('write' in step) {
      lines.push(`+ write ${JSON.stringify([scene.node, step.write, step.text])}`);
      await writeFile(join(rootOf(scene.node), step.write), step.text, { mode: step.mode ?? 0o644 });
    } else if ('edit' in step) {
      lines.push(`+ edit ${JSON.stringify([scene.node, ...step.edit])}`);
      const [path, from, to] = step.edit;
      await mustInside(scene.node, ['sed', '-i', '-E', `s/${from}/${to}/`, path]);
    } else if ('watch' in step) {
      lines.push(`+ watch ${step.watch}`);
      const command = ['timeout', String(step.watch), 'ip', '-o', 'monitor', 'address'];
      watching = inside(scene.node, command, { timeout: 60_000 });
      await sleep(200);
    } else if ('watched' in step) {
      lines.push('+ watched', ...marked('M', (await watching)?.stdout ?? ''));
    } else if ('holders' in step) {
      lines.push(`@ holders ${VIPS[0]}: ${(await holders()).join(' ') || 'nobody'}`);
    } else if ('pids' in step) {
      const now = await processes(scene.node, step.pids);
      const before = known[step.pids] ?? { main: '', others: [] };
      lines.push(
        `@ pids ${step.pids}: main ${compared([before.main], now.main === '0' ? [] : [now.main])}, others ${compared(before.others, now.others)}`,
      );
      known = { ...known, [step.pids]: now };
    } else {
      await sleep(150);
      const all = await spoken(scene.node);
      lines.push(...all.slice(heard));
      heard = all.length;
    }
  };
  for (const step of scene.steps) await one(step);
  return lines;
}

/** Plays every scene (or the named ones) from a healthy pair and writes its transcript. */
export async function captureTranscripts(
  say: (line: string) => void,
  names: readonly string[] = [],
  folder = FOLDER,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const sockets = await mkdtemp(join(tmpdir(), 'lab-ssh-'));
  try {
    for (const scene of SCENES.filter(({ name }) => names.length === 0 || names.includes(name))) {
      if (scene.needs && (await inside(scene.node, ['test', '-e', scene.needs])).code !== 0) {
        say(`transcript ${scene.name} left as it is: ${scene.node} has no ${scene.needs}`);
        continue;
      }
      say(`transcript ${scene.name}`);
      await healAll();
      await sleep(3500); // a check script that was restarted needs three good answers to be quiet
      for (const user of ['ops', 'narrow', 'nosudo', 'root']) await overSsh(sockets, scene.node, user, 'true', '');
      const lines = await play(scene, sockets);
      await writeFile(join(folder, `${scene.name}.txt`), await redact(`${lines.join('\n')}\n`));
    }
  } finally {
    await healAll();
    await rm(sockets, { recursive: true, force: true });
  }
}
