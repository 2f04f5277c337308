import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongFilesFirst } from './e2e/support/long-files-first.ts';

/** States are waited for as long as a busy machine may take. */
const expect = { poll: { timeout: 15_000, interval: 20 } };

/** `unit` needs nothing, `integration` needs Redis, tmux or git, `e2e` starts the whole product as processes. */
export default defineConfig({
  test: {
    // more than there are cores on a small machine: most tests wait for states
    maxWorkers: Math.max(4, availableParallelism() - 1),
    sequence: { sequencer: LongFilesFirst },
    projects: [
      {
        test: {
          name: 'unit',
          isolate: false,
          expect,
          testTimeout: 30_000,
          include: ['{apps,packages}/*/src/**/*.test.ts', 'infra/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**'],
        },
      },
      {
        test: {
          name: 'integration',
          isolate: false,
          expect,
          include: ['{apps,packages}/*/src/**/*.integration.test.ts'],
          globalSetup: ['e2e/support/shared-redis.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          expect,
          include: ['e2e/**/*.e2e.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // a stack is many processes: two at a time, and nothing beside them
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
