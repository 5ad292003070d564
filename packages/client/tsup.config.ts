import { defineConfig } from 'tsup';

export default defineConfig([
  {
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'node20',
    external: ['./addon.cjs'],
    dts: true,
    sourcemap: true,
  },
  // Both forms of the package load the addon through the same CommonJS file.
  { entry: ['src/addon.cjs'], format: ['cjs'], target: 'node20' },
]);
