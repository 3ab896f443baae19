import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { reporters } from './vitest.reporters.ts';

/** Files that hold the console to times of their own measuring: they run by themselves, when the others are done. */
const TIMED = [
  'test/demo/drill.test.ts',
  'test/demo/drill-tour.test.ts',
  'test/pty/console-slow.test.ts',
  'test/pty/terminal-slow.test.ts',
];

/** What takes longest, by parts of names: it starts first, so that nothing long is left over for the end. */
const LONGEST = [
  'demo/doctor',
  'commands/drill',
  'demo/conformance',
  'demo/act',
  'package/shipped',
  'pty/console-drills',
  'pty/console-canary',
  'pty/console-actions',
  'pty/console-screen',
  'pty/console-stray',
  'e2e/',
  'ssh/sshd',
  'pty/console',
  'views/actions',
  'pty/',
  'views/app',
  'demo/cluster',
  'probes/node',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}`));
      return found < 0 ? LONGEST.length : found;
    };
    return [...files].sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    env: { TZ: 'UTC', FORCE_COLOR: '0', TERM: 'xterm-256color' },
    globalSetup: 'test/support/state-home.ts',
    testTimeout: 20_000,
    sequence: { sequencer: LongestFirst },
    reporters,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/lab/**', ...TIMED],
          // Most of them wait for a cluster or a terminal: more of them than processors.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'timed', include: TIMED, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
