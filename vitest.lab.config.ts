import { defineConfig } from 'vitest/config';
import { reporters } from './vitest.reporters.ts';

/** Tests on the real pair: one file after the other, since there is one lab. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    env: { TZ: 'UTC', FORCE_COLOR: '0', TERM: 'xterm-256color' },
    globalSetup: 'test/support/state-home.ts',
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 300_000,
    reporters,
  },
});
