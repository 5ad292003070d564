#!/usr/bin/env node
/** Measures Han Native beside its peers; see ../README.md. */
import path from 'node:path';
import { readArguments, USAGE } from './arguments.mjs';
import { Bench } from './bench.mjs';
import { loadDatabase } from './better-sqlite3/database.mjs';
import { generate, listTranscripts, warm } from './corpus.mjs';
import { measure } from './measure.mjs';
import { Skip } from './protocol.mjs';
import { markdown, write } from './record.mjs';

/** Finds or makes the input of the run, reads it once, and says what it is: { name, files, bytes }. */
function take(bench, { corpus, file, generate: size, generator, onlyTree, files }) {
  if (onlyTree) return { name: `tree of ${files} files`, files, bytes: 0 };
  if (file !== undefined) return { name: path.basename(file), files: 1, bytes: warm([file]) };
  bench.corpus = corpus
    ? path.resolve(corpus)
    : generate(path.resolve(generator), size, bench.folder('corpus'));
  const transcripts = listTranscripts(bench.corpus);
  const name = size === undefined ? path.basename(bench.corpus) : `generated ${size}`;
  return { name, files: transcripts.length, bytes: warm(transcripts) };
}

async function main(options) {
  if (options.needsDatabase) await loadDatabase();
  // The running contender gets the signal too, and its end is what stops the run: then the folder is cleared.
  process.on('SIGINT', () => console.error('interrupted'));
  const time = new Date().toISOString();
  const bench = new Bench(options);
  try {
    const corpus = take(bench, options);
    const measured = [];
    for (const suite of options.suites) measured.push(await measure(bench, suite, options));
    const context = { time, corpus, runs: options.runs, native: options.native };
    const text = await markdown(context, measured);
    console.log(`\n${text}`);
    if (options.record !== undefined) write(path.resolve(options.record), context, measured, text);
    if (measured.some(({ failed }) => failed.length > 0)) process.exitCode = 1;
  } finally {
    bench.close();
  }
}

let options;
try {
  options = readArguments();
} catch (error) {
  console.error(`${error.message}\n\n${USAGE}`);
  process.exit(2);
}
if (options === null) console.log(USAGE);
else {
  try {
    await main(options);
  } catch (error) {
    console.error(error instanceof Skip ? `${error.message} (${error.detail})` : error.message);
    process.exitCode = 1;
  }
}
