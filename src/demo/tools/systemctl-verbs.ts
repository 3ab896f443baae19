import type { JobResult } from '../daemon.ts';
import type { Machine } from '../machine.ts';
import type { Managed } from '../managed.ts';
import type { ToolContext, ToolResult } from './tool.ts';

type Done = (result: JobResult) => void;

/** What `--version` of its tools prints. */
export const SYSTEMD_VERSION = `systemd 252 (252.39-1~deb12u2)
+PAM +AUDIT +SELINUX +APPARMOR +IMA +SMACK +SECCOMP +GCRYPT -GNUTLS +OPENSSL +ACL +BLKID +CURL +ELFUTILS +FIDO2 +IDN2 -IDN +IPTC +KMOD +LIBCRYPTSETUP +LIBFDISK +PCRE2 -PWQUALITY +P11KIT +QRENCODE +TPM2 +BZIP2 +LZ4 +XZ +ZLIB +ZSTD -BPF_FRAMEWORK -XKBCOMMON +UTMP +SYSVINIT default-hierarchy=unified
`;

/** A unit's name as systemctl completes it. */
export const unitId = (name: string): string =>
  /\.(service|timer|socket|target|mount)$/.test(name) ? name : `${name}.service`;

/** How a request ended before there was a job: the words after `Failed to VERB UNIT: ` and the exit status. */
type Refused = { words: string; code: number; plain?: boolean };

const NEEDS_FILE = new Set(['start', 'restart', 'reload', 'reload-or-restart']);

/** Verbs that stop something that may be meant to run. */
const STOPS = new Set(['stop', 'restart', 'try-restart']);

const JOBS: Record<string, (unit: Managed, done: Done) => void> = {
  start: (unit, done) => unit.start(done),
  stop: (unit, done) => unit.stop(done),
  restart: (unit, done) => unit.restart(done),
  // A masked unit is not even stopped (measured).
  'try-restart': (unit, done) =>
    unit.active === 'active' && unit.load !== 'masked' ? unit.restart(done) : done({ ok: true, lines: [] }),
  reload: (unit, done) => unit.reload(done),
  'reload-or-restart': (unit, done) =>
    unit.active === 'active' && unit.canReload ? unit.reload(done) : unit.restart(done),
  'try-reload-or-restart': (unit, done) =>
    unit.active !== 'active' ? done({ ok: true, lines: [] }) : unit.canReload ? unit.reload(done) : unit.restart(done),
};

/** Whether this verb makes a job. */
export const makesJob = (verb: string): boolean => Object.hasOwn(JOBS, verb);

/** What systemd answers at once instead of making a job; undefined when it makes one. */
const refusal = (unit: Managed | undefined, id: string, verb: string): Refused | undefined => {
  if (!unit) {
    const words = `Unit ${id} not ${verb === 'stop' ? 'loaded' : 'found'}.`;
    return { words, code: 5, plain: true };
  }
  if (unit.load === 'masked' && NEEDS_FILE.has(verb)) {
    return { words: `Unit ${id} is masked.`, code: 1, plain: true };
  }
  if (STOPS.has(verb) && unit.refusesStop) {
    const words = `Operation refused, unit ${id} may be requested by dependency only (it is configured to refuse manual start/stop).`;
    return { words, code: 4 };
  }
  if (verb === 'reload' && !unit.canReload) {
    return { words: `Job type reload is not applicable for unit ${id}.`, code: 3, plain: true };
  }
  return undefined;
};

/** What somebody who is not root is told: polkit would ask for a password, systemd alone says no (measured with and without). */
export const denial = ({ system }: Machine): { words: string; code: number } =>
  system.polkit ? { words: 'Interactive authentication required.', code: 1 } : { words: 'Access denied', code: 4 };

/** systemctl's hint after a refusal, which some errors go without (systemctl-start-unit.c). */
const hint = (id: string): string => `See system logs and 'systemctl status ${id}' for details.\n`;

/**
 * Starts, stops, restarts or reloads units as one call of systemctl does: what is refused is said at once, the rest goes on
 * side by side, and what fails of it is said at its end. Calls `done` once, at once with `--no-block`.
 */
export const runJobs = (
  { machine, root }: Pick<ToolContext, 'root'> & { machine: Machine },
  verb: string,
  names: readonly string[],
  wait: boolean,
  done: (result: ToolResult) => void,
): void => {
  let stderr = '';
  let code = 0;
  let left = 0;
  let asked = false;
  const results: (JobResult | undefined)[] = [];
  const finish = (): void => {
    if (!asked || (wait && left > 0)) return;
    asked = false;
    const bad = results.filter((one) => one && !one.ok);
    stderr += bad.flatMap((one) => one!.lines.map((line) => `${line}\n`)).join('');
    done({ stdout: '', stderr, code: bad.length > 0 ? 1 : code });
  };
  // One after the other: a timer that was stopped takes its service with it.
  for (const [index, id] of names.map(unitId).entries()) {
    const unit = machine.managed(id);
    const refused: Refused | undefined = root ? refusal(unit, id, verb) : denial(machine);
    if (refused) {
      stderr += `Failed to ${verb} ${id}: ${refused.words}\n${refused.plain ? '' : hint(id)}`;
      code ||= refused.code;
      continue;
    }
    left += 1;
    JOBS[verb]!(unit!, (result) => {
      results[index] = result;
      left -= 1;
      finish();
    });
  }
  asked = true;
  finish();
};
