import { defineConfig } from 'vitest/config';

/** One project per package, and one for the contracts between them: export lists, typings, shapes, error codes. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'native',
          include: ['packages/native/tests/**/*.test.ts'],
          exclude: ['packages/*/tests/contract/**'],
          // Many of these start processes, or index some tens of megabytes.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'client',
          include: ['packages/client/tests/**/*.test.ts'],
          exclude: ['packages/*/tests/contract/**'],
        },
      },
      {
        test: {
          name: 'cli',
          include: ['packages/cli/tests/**/*.test.ts'],
          exclude: ['packages/*/tests/contract/**'],
          // Each of these starts `han` as a process of its own.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'contract',
          include: ['packages/*/tests/contract/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
    ],
    // A promise nobody waited for must not pass, and a forgotten `.only` must not hide the rest.
    dangerouslyIgnoreUnhandledErrors: false,
    allowOnly: false,
  },
});
