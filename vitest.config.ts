import { defineConfig } from 'vitest/config';
import { FileOrder } from './test/file-order.ts';

/** Files that change what all share in a process (modules, environment, clocks, handlers), or run a bot for long. */
const ALONE = [
  'test/{e2e,chaos}/**/*.test.ts',
  'test/cli/{stuck-runs,up-summary}.test.ts',
  'test/cli/{doctor/clocks,up/back-off,up/keep-server,up/temporal-keeper,up/wall-clock-set}.test.ts',
  'test/activities/trading/{clocks,fee-rates}.test.ts',
  'test/exchange/{paper/durability,paper/torn-clear,upbit/steady-wall-clock}.test.ts',
  'test/{door/dependencies,door/hand-over,ops/compose-parser,workers/heartbeats}.test.ts',
];

/** Once for all projects. */
export const SERVERS = ['test/support/servers.ts'];

/** What holds for every file. */
export const settings = {
  pool: 'forks',
  // Twice the two cores, because half of a test is waiting: 335 to 390 s with 2, 300 with 3, 275 with 4.
  maxWorkers: 4,
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // Conditions are waited for, however busy the machine is; the default gives up after a second.
  expect: { poll: { timeout: 20_000 } },
} as const;

export default defineConfig({
  test: {
    ...settings,
    globalSetup: SERVERS,
    sequence: { sequencer: FileOrder },
    projects: [
      { test: { ...settings, name: 'alone', include: ALONE } },
      // A process of its own for each file costs a quarter of a second of processor time, imports included.
      { test: { ...settings, name: 'together', isolate: false, include: ['test/**/*.test.ts'], exclude: ALONE } },
    ],
  },
});
