#!/usr/bin/env node
// From a fresh clone to an answer: sets up, builds, indexes this machine's transcripts and shows what can be asked.
// Arguments go to `han welcome`: npm start -- --config-dir DIR --db FILE
import path from 'node:path';
import { buildAddon, buildPackages } from './build.mjs';
import { root, run, stop } from './process.mjs';
import { setup } from './setup.mjs';

try {
  await setup();
  console.log('build: the addon in release mode (minutes the first time, then only what changed)');
  await buildAddon();
  await buildPackages();
} catch (error) {
  stop(error);
}
try {
  await run(process.execPath, [
    path.join(root, 'packages/cli/bin/han.mjs'),
    'welcome',
    ...process.argv.slice(2),
  ]);
} catch {
  // `han` has said what went wrong.
  process.exit(1);
}
