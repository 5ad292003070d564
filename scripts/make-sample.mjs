#!/usr/bin/env node
// Writes packages/cli/sample: the transcripts that `han welcome` shows on a machine that has none of its own.
// Three imaginary projects, told in scripts/sample/*.mjs. The same program gives the same bytes.
// With --check nothing is written; it fails where a file differs.
import path from 'node:path';
import { isStarted, root, stop } from './process.mjs';
import { ferry } from './sample/ferry.mjs';
import { lanterns } from './sample/lanterns.mjs';
import { tidepool } from './sample/tidepool.mjs';
import { checkTree, writeTree } from './tree.mjs';

const COMMAND = 'node scripts/make-sample.mjs';
const FOLDER = path.join(root, 'packages/cli/sample');

/** Every file of the sample, by its path below the config folder. */
function sample() {
  const files = new Map();
  for (const session of [...ferry(), ...tidepool(), ...lanterns()]) {
    for (const recorder of [session, ...session.agents]) files.set(recorder.path, recorder.toBuffer());
  }
  return files;
}

if (isStarted(import.meta.url)) {
  try {
    if (process.argv.includes('--check')) checkTree(FOLDER, sample(), COMMAND);
    else writeTree(FOLDER, sample());
  } catch (error) {
    stop(error);
  }
}
