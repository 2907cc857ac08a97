import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/servers.ts'],
    pool: 'forks',
    // Two cores: more files at once only make real servers slow and time limits tight.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Conditions are waited for, however busy the machine is; the default gives up after a second.
    expect: { poll: { timeout: 20_000 } },
  },
});
