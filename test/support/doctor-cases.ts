import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/doctor/report.ts';

/** How a run of haconsole ended. */
export type Ran = { code: number | null; stdout: string; stderr: string; ms: number };

/** A change to the cluster file, or to the files that it names. */
export type Variant = 'wrong-key' | 'unknown-key' | 'changed-key' | 'wrong-user' | 'jump-name' | 'node-name';

/** What is broken on the cluster itself. */
export type Break =
  | 'jump-down'
  | 'jump-frozen'
  | 'node-down'
  | 'ssh-closed'
  | 'http-closed'
  | 'no-sudo'
  | 'sudo-password'
  | 'no-journal'
  | 'no-ip'
  | 'no-systemd-run'
  | 'no-shell'
  | 'clock-off'
  | 'log-read-only'
  | 'disk-full'
  | 'one-session'
  | 'no-tunnel'
  | 'only-direct';

/** A cluster under test. */
export type DoctorRig = {
  /** Its jump host's name in reports. */
  jump: string;
  /** Runs haconsole on it, without a terminal; `file` is another cluster file. Ended with ctrl-c once stdout holds `until`. */
  run(args: readonly string[], options?: { file?: string; until?: RegExp }): Promise<Ran>;
  /** Writes a cluster file that differs, and returns its path. */
  variant(kind: Variant): Promise<string>;
  /** The breaks that can be made here; all are of lb2 where it is one node's. */
  breaks: Partial<Record<Break, () => Promise<void>>>;
  /** Everything as it was, the cluster healthy. */
  heal(): Promise<void>;
  stop(): Promise<void>;
};

type Case = {
  title: string;
  by: { variant: Variant } | { fault: Break };
  /** Where the cross stands: section (`jump` is the rig's), check, and what it says. */
  cross: { section: string; check: string; found: RegExp; advice: RegExp };
  /** All sections that may have a cross, where it is more than this one. */
  sections?: readonly string[];
  /** A line that has to be a question mark: what is behind the fault is not reached, and not wrong. */
  notReached?: string;
  /** The command that meets the fault, and its sentence about it; `runsOn`: it ends only when it is told to. */
  console: { args: readonly string[]; says: RegExp; runsOn?: true };
};

const check = ['check'];
const everywhere = ['lb1', 'lb2', 'web1', 'web2', 'virtual IPs'];

/** Broken set-ups, each with its own line in doctor and its own sentence in the console. */
const CASES: readonly Case[] = [
  {
    title: 'a key that no host accepts',
    by: { variant: 'wrong-key' },
    cross: {
      section: 'jump',
      check: 'login',
      found: /refused \S*key; (?:the server allows publickey|nobody answered: Password:)/,
      advice: /ssh-add/,
    },
    notReached: 'lb2',
    console: {
      args: check,
      says: /blind: .*(?:refused .*the server allows publickey|refused .*; nobody answered: Password:)/,
    },
  },
  {
    title: 'a user that does not exist',
    by: { variant: 'wrong-user' },
    cross: {
      section: 'jump',
      check: 'login',
      found: /^ghost@\S+: refused|^refused \S+; nobody answered: Password:/,
      advice: /check the user|ssh-add/,
    },
    notReached: 'lb2',
    console: { args: check, says: /blind: .*(?:ghost@\S+: refused|nobody answered: Password)/ },
  },
  {
    title: 'a host key that is not known',
    by: { variant: 'unknown-key' },
    cross: {
      section: 'lb2',
      check: 'host key',
      found: /^unknown host key of .*ED25519 SHA256:\S{43}/,
      advice: /compare the fingerprint/,
    },
    console: { args: check, says: /not seen: lb2 \(host-key: unknown host key of .*SHA256:/ },
  },
  {
    title: 'a host key that has changed',
    by: { variant: 'changed-key' },
    cross: {
      section: 'lb2',
      check: 'host key',
      found: /^THE HOST KEY HAS CHANGED: .* is not the key in \S+:\d+/,
      advice: /remove line \S+:\d+/,
    },
    console: { args: check, says: /not seen: lb2 \(host-key: THE HOST KEY HAS CHANGED/ },
  },
  {
    title: 'a jump host whose name does not exist',
    by: { variant: 'jump-name' },
    cross: {
      section: 'nowhere.invalid',
      check: 'name',
      found: /nowhere\.invalid cannot be resolved/,
      advice: /give an address/,
    },
    notReached: 'lb2',
    console: { args: check, says: /blind: .*nowhere\.invalid cannot be resolved/ },
  },
  {
    title: 'a node whose name the jump host does not know',
    by: { variant: 'node-name' },
    cross: {
      section: 'lb2',
      check: 'name',
      found: /the name cannot be resolved/,
      advice: /looked up on the last jump host/,
    },
    console: { args: check, says: /not seen: lb2 \(name: .*cannot be resolved/ },
  },
  {
    title: 'a jump host whose SSH server is down',
    by: { fault: 'jump-down' },
    cross: { section: 'jump', check: 'SSH port', found: /connection refused/, advice: /does sshd run there/ },
    notReached: 'lb2',
    console: { args: check, says: /blind: no load balancer and no VIP could be looked at; .*connection refused/ },
  },
  {
    title: 'a jump host that stands still',
    by: { fault: 'jump-frozen' },
    cross: {
      section: 'jump',
      check: 'host key',
      found: /connected, but no SSH key exchange within/,
      advice: /frozen or overloaded/,
    },
    notReached: 'lb2',
    console: { args: check, says: /blind: .*no SSH key exchange within/ },
  },
  {
    title: 'a node that is off',
    by: { fault: 'node-down' },
    cross: { section: 'lb2', check: 'SSH port', found: /no route to host|did not answer/, advice: /is the machine up/ },
    console: { args: check, says: /not seen: lb2 \((?:tcp|timeout): .*(?:no route to host|did not answer|no shell)/ },
  },
  {
    title: 'a node whose SSH port is closed',
    by: { fault: 'ssh-closed' },
    cross: { section: 'lb2', check: 'SSH port', found: /:22 .*connection refused/, advice: /is this its port/ },
    console: { args: check, says: /not seen: lb2 \(tcp: .*:22 .*connection refused/ },
  },
  {
    title: 'a web node whose HTTP port is closed',
    by: { fault: 'http-closed' },
    cross: {
      section: 'web2',
      check: 'HTTP by the tunnel',
      found: /:80 .*connection refused/,
      advice: /nothing listens on port 80/,
    },
    console: { args: check, says: /backend-down: web2 .*connection refused/ },
  },
  {
    title: 'no right to sudo',
    by: { fault: 'no-sudo' },
    cross: {
      section: 'lb2',
      check: 'right to act',
      found: /may not run|not in sudoers|password/,
      advice: /act --sudoers/,
    },
    console: {
      args: ['act', 'restart', 'nginx@lb2', '--dry-run'],
      says: /not done: permission on lb2: .*(?:may not run|not in sudoers|password)/,
    },
  },
  {
    title: 'sudo that wants a password',
    by: { fault: 'sudo-password' },
    cross: {
      section: 'lb2',
      check: 'right to restore',
      found: /sudo wants a password of \w+ for `systemd-run [^`]*=… -- systemctl start/,
      advice: /act --sudoers/,
    },
    console: { args: ['note', 'x', '--node', 'lb2'], says: /no right to write to \/etc\/keepalived\/check_nginx\.log/ },
  },
  {
    title: 'a journal that may not be read',
    by: { fault: 'no-journal' },
    cross: { section: 'lb2', check: 'journal', found: /may not read it/, advice: /usermod -aG systemd-journal \w+/ },
    console: {
      args: ['watch', '--json'],
      says: /"source":"lb2".*journal cannot be followed: the journal cannot be read/,
      runsOn: true,
    },
  },
  {
    title: 'no ip program',
    by: { fault: 'no-ip' },
    cross: { section: 'lb2', check: 'ip', found: /not found on the node/, advice: /install iproute2/ },
    console: { args: check, says: /not seen: lb2 \(command: ip addr: not found on the node/ },
  },
  {
    title: 'no systemd-run',
    by: { fault: 'no-systemd-run' },
    cross: {
      section: 'lb2',
      check: 'systemd-run',
      found: /not found on the node: the restore timer/,
      advice: /no drills/,
    },
    console: {
      args: ['act', 'restart', 'nginx@lb2', '--restore-after', '5m', '--dry-run'],
      says: /lb2 has no systemd-run: it cannot restore itself/,
    },
  },
  {
    title: 'an account without a login shell',
    by: { fault: 'no-shell' },
    cross: { section: 'lb2', check: 'shell', found: /account is currently not available/, advice: /usermod -s/ },
    console: {
      args: check,
      says: /not seen: lb2 \(command: the shell ended with status 1, it said: This account is currently not available/,
    },
  },
  {
    title: 'a clock that is off by an hour',
    by: { fault: 'clock-off' },
    cross: { section: 'lb2', check: 'clock', found: /^3(?:600|599) s ahead/, advice: /timedatectl set-ntp/ },
    console: { args: check, says: /degraded: clock of lb2 is off by (?:3600\.\d|3599\.9) s/ },
  },
  {
    title: 'a check log on a read-only file system',
    by: { fault: 'log-read-only' },
    cross: { section: 'lb2', check: 'check log writable', found: /is on a read-only file system/, advice: /remounted/ },
    console: { args: ['note', 'x', '--node', 'lb2'], says: /check_nginx\.log is on a read-only file system/ },
  },
  {
    title: 'a full disk under the check log',
    by: { fault: 'disk-full' },
    cross: { section: 'lb2', check: 'check log writable', found: /the disk under \S+ is full/, advice: /make room/ },
    console: { args: ['note', 'x', '--node', 'lb2'], says: /the disk under \S+ is full: nothing was written/ },
  },
  {
    title: 'an SSH server that opens one session',
    by: { fault: 'one-session' },
    cross: { section: 'lb2', check: 'sessions', found: /^only 1 at once/, advice: /MaxSessions/ },
    console: {
      args: ['act', 'restart', 'nginx@lb2', '--dry-run'],
      says: /channel on lb2: the SSH server opens no more sessions.*MaxSessions/,
    },
  },
  {
    title: 'a jump host that forwards to SSH ports only',
    by: { fault: 'no-tunnel' },
    cross: {
      section: 'lb1',
      check: 'HTTP by the tunnel',
      found: /:80 from \S+: the SSH server does not allow TCP forwarding/,
      advice: /AllowTcpForwarding and PermitOpen/,
    },
    sections: everywhere,
    console: { args: check, says: /172\.16\.249\.80:80 from \S+: the SSH server does not allow TCP forwarding/ },
  },
  {
    title: 'HTTP that goes directly, but not by the tunnel',
    by: { fault: 'only-direct' },
    cross: {
      section: 'lb1',
      check: 'HTTP by the tunnel',
      found: /does not allow TCP forwarding/,
      advice: /^it answers from here: set http: \{ via: direct \}$/,
    },
    sections: everywhere,
    console: { args: ['check', '--via', 'direct'], says: /^HA OK/ },
  },
];

const linesOf = (report: Report, section: string) => report.sections.find(({ name }) => name === section)?.lines ?? [];

/** Runs every case that the rig can make: doctor and the console beside it. `doctor` is what doctor is called with. */
export const doctorCases = (
  name: string,
  doctor: readonly string[],
  begin: () => Promise<DoctorRig>,
  can: (fault: Break) => boolean = () => true,
): void => {
  describe(name, { timeout: 60_000 }, () => {
    let rig: DoctorRig;
    let touched = false;
    beforeAll(async () => {
      rig = await begin();
    });
    afterEach(async () => {
      if (touched) await rig.heal();
      touched = false;
    });
    afterAll(async () => rig?.stop());

    const examine = async (file?: string): Promise<{ report: Report; ran: Ran }> => {
      const ran = await rig.run([...doctor, '--json'], file === undefined ? {} : { file });
      try {
        return { report: JSON.parse(ran.stdout) as Report, ran };
      } catch {
        throw new Error(`doctor printed no object (status ${ran.code}): ${ran.stdout.slice(0, 300)}${ran.stderr}`);
      }
    };

    test('a healthy cluster has no cross, and the text says the same as the object', async () => {
      const { report, ran } = await examine();
      const bad = report.sections.flatMap(({ name: at, lines }) =>
        lines.filter(({ mark }) => mark === 'bad').map((line) => ({ at, ...line })),
      );
      expect(bad).toEqual([]);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(report).toMatchObject({ schema: 'haconsole.doctor/1', ok: true });
      expect(report.sections.map(({ name: at }) => at)).toEqual([
        'here',
        rig.jump,
        'lb1',
        'lb2',
        'web1',
        'web2',
        'virtual IPs',
      ]);
      for (const { role, lines } of report.sections) {
        const checks = lines.map(({ check: one }) => one);
        if (role === 'jump') expect(checks).toEqual(['SSH port', 'host key', 'login', 'round trip', 'forwarding']);
        if (role === 'lb')
          expect(checks).toEqual(
            expect.arrayContaining([
              'SSH port',
              'host key',
              'login',
              'shell',
              'sessions',
              'ip',
              'keepalived',
              'journal',
              'check log',
              'right to act',
              'clock',
              'address',
              'gateway',
              'DNS',
              'time sync',
              'firewall',
              'SELinux',
              'HTTP by the tunnel',
            ]),
          );
      }
      const text = await rig.run(doctor);
      expect(text.code).toBe(0);
      for (const { lines } of report.sections) for (const { check: one } of lines) expect(text.stdout).toContain(one);
      expect(text.stdout).toMatch(/\d+ of \d+ work, \d+ not known \(\d+\.\d s\)\n$/);
    });

    for (const { title, by, cross, sections, notReached, console: heard } of CASES) {
      test.skipIf('fault' in by && !can(by.fault))(
        `${title}: a line in doctor, a sentence in the console`,
        async () => {
          let file: string | undefined;
          if ('variant' in by) file = await rig.variant(by.variant);
          else {
            touched = true;
            const make = rig.breaks[by.fault];
            if (!make) throw new Error(`this rig cannot make ${by.fault}`);
            await make();
          }
          const { args, says, runsOn } = heard;
          const other = { ...(file === undefined ? {} : { file }), ...(runsOn ? { until: says } : {}) };
          // Side by side: what each waits for is the same silence.
          const [{ report, ran }, said] = await Promise.all([examine(file), rig.run(args, other)]);
          expect(ran.code, ran.stdout).toBe(1);
          // Never hangs: what is dead costs one deadline, and all are waited for side by side.
          expect(report.ms).toBeLessThan(20_000);
          const at = cross.section === 'jump' ? rig.jump : cross.section;
          const line = linesOf(report, at).find(({ check: one, mark }) => one === cross.check && mark === 'bad');
          expect(line?.found, JSON.stringify(linesOf(report, at), null, 1)).toMatch(cross.found);
          expect(line?.advice).toMatch(cross.advice);
          const crossed = report.sections
            .filter(({ lines }) => lines.some(({ mark }) => mark === 'bad'))
            .map(({ name: one }) => one);
          expect(crossed).toEqual(sections ?? [at]);
          if (notReached !== undefined) {
            const behind = linesOf(report, notReached);
            expect(behind.map(({ mark }) => mark)).toEqual(behind.map(() => 'unknown'));
            expect(behind[0]?.found).toMatch(/^not reached: /);
          }
          expect(`${said.stdout}${said.stderr}`).toMatch(says);
        },
      );
    }
  });
};
