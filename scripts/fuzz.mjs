#!/usr/bin/env node
// Fuzzes the parsers: one target for each, in fuzz/fuzz_targets. Not part of the tests: it needs a nightly compiler and
// cargo-fuzz (`cargo install cargo-fuzz`), and takes as long as it is told.
//
//   node scripts/fuzz.mjs                      every target for a minute
//   node scripts/fuzz.mjs --minutes 10 filter  one target for ten minutes
//
// What is found stays in fuzz/corpus and fuzz/artifacts, which are not committed; the seeds are in fuzz/seeds. An
// input that fails becomes a test beside the parser, and its seed.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, root, run } from './process.mjs';

const FUZZ = path.join(root, 'fuzz');
const targets = fs
  .readdirSync(path.join(FUZZ, 'fuzz_targets'))
  .map((file) => path.basename(file, '.rs'))
  .sort();

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const seconds = Math.round(Number(values.minutes) * 60);
const unknown = positionals.find((name) => !targets.includes(name));
if (!(seconds > 0) || unknown !== undefined) {
  console.error(`node scripts/fuzz.mjs [--minutes N] [${targets.join('|')}]...`);
  process.exit(2);
}

const failed = [];
for (const target of positionals.length > 0 ? positionals : targets) {
  console.log(`fuzz ${target} for ${seconds} s`);
  const corpus = path.join(FUZZ, 'corpus', target);
  fs.mkdirSync(corpus, { recursive: true });
  const limits = [`-max_total_time=${seconds}`, '-print_final_stats=1', '-rss_limit_mb=4096'];
  const args = ['+nightly', 'fuzz', 'run', target, corpus, path.join('seeds', target), '--', ...limits];
  try {
    await run('cargo', args, { cwd: FUZZ });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    failed.push(target);
  }
}
console.log(failed.length === 0 ? 'no input failed' : `an input failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
