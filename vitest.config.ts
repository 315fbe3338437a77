import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // What the service logs is only worth reading beside a failure.
    silent: 'passed-only',
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/workerd/**'],
        },
      },
      './test/workerd/vitest.config.ts',
    ],
  },
});
