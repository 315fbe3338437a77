import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // What the service logs is only worth reading beside a failure.
    silent: 'passed-only',
    // Generous: what hangs is found all the same, and a busy machine is no defect.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/workerd/**', 'test/examples/**'],
        },
      },
      './test/workerd/vitest.config.ts',
    ],
  },
});
