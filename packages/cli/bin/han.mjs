#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(fileURLToPath(main))) {
  const { run } = await import(main.href);
  await run(process.argv);
} else {
  process.stderr.write('error: han is not built yet. Run `npm start` at the root of the repository once.\n');
  process.exitCode = 1;
}
