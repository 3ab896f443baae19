import { defineConfig } from 'vitest/config';
import { reporters } from './vitest.reporters.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/lab/**'],
    env: { TZ: 'UTC', FORCE_COLOR: '0', TERM: 'xterm-256color' },
    testTimeout: 20_000,
    reporters,
  },
});
