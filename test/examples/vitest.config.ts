// The examples, installed and run as a stranger would: `npm run examples`.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['./install.ts'],
    silent: 'passed-only',
    testTimeout: 120_000,
    // Builds are slow on a busy machine.
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    maxWorkers: 2,
  },
});
