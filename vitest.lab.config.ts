import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    env: { TZ: 'UTC', FORCE_COLOR: '0', TERM: 'xterm-256color' },
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 300_000,
  },
});
