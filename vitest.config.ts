import { defineConfig } from 'vitest/config';

const withPodman = {
  testTimeout: 120_000,
  hookTimeout: 180_000,
  globalSetup: ['test/integration/setup.ts'],
};

export default defineConfig({
  test: {
    // Both cores of a small machine: most of what takes long waits for a container.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/unit/**/*.test.ts'],
          // No test mocks a module, so the files of a worker share what they import: half the CPU time.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: ['test/integration/**/*.long.test.ts'],
          ...withPodman,
        },
      },
      {
        // Half a minute and more each: a command of their own, `npm run test:long`.
        test: { name: 'long', include: ['test/integration/**/*.long.test.ts'], ...withPodman },
      },
    ],
  },
});
