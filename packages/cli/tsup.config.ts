import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  target: 'node20',
  // Each command is a chunk of its own, so that `han --version` loads none of them.
  splitting: true,
  sourcemap: true,
  clean: true,
});
