#!/usr/bin/env node
// Everything that must hold before a change is taken: formats, lints, generated files, Rust and JavaScript tests.
//
//   npm test                        all of it
//   npm test -- --only lint         formats, lints, types and generated files
//   npm test -- --only rust         the tests of the crates
//   npm test -- --only js           the addon and the tests of the packages
//
// It ends at the first step that fails, with exit code 1. The last line is `N passed, N failed`: the tests of cargo and
// vitest together; a step that fails without naming a failed test counts as one failure.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { buildAddon, buildPackages } from './build.mjs';
import { CommandError, environment, root, run, runScript, runTool, stop } from './process.mjs';
import { setup } from './setup.mjs';

const GROUPS = ['lint', 'rust', 'js'];
const counts = { passed: 0, failed: 0 };

/** Adds what the `test result:` lines of a cargo run say. */
function countCargo(output) {
  const results = /^test result: \w+\. (\d+) passed; (\d+) failed;/gm;
  for (const [, passed, failed] of stripVTControlCharacters(output).matchAll(results)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
  }
}

/** Runs the tests of the crates, all of them even where one fails. */
async function testCrates() {
  const args = ['test', '--workspace', '--exclude', 'han-bench', '--locked', '--no-fail-fast'];
  // Its output passes through us, so cargo does not see the terminal.
  if (process.stdout.isTTY) environment.CARGO_TERM_COLOR ??= 'always';
  try {
    countCargo(await run('cargo', args, { output: 'both' }));
  } catch (error) {
    countCargo(error.output ?? '');
    throw new CommandError(error.message);
  }
}

/** Runs the tests of the packages and adds what the report says. */
async function testPackages() {
  const report = path.join(root, 'node_modules', '.han-vitest.json');
  fs.rmSync(report, { force: true });
  try {
    await runTool('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  } finally {
    if (fs.existsSync(report)) {
      const { numPassedTests, numFailedTests } = JSON.parse(fs.readFileSync(report, 'utf8'));
      counts.passed += numPassedTests;
      counts.failed += numFailedTests;
    }
  }
}

/** Says what to install where a component of Rust is missing. */
async function needComponent(name) {
  try {
    await run('cargo', [name, '--version'], { output: 'catch' });
  } catch {
    const component = name === 'fmt' ? 'rustfmt' : name;
    throw new CommandError(`cargo ${name} is missing: run \`rustup component add ${component}\``);
  }
}

/** Checks the types of every package, tests included, against what the packages before it were built to. */
async function checkTypes() {
  const folder = path.join(root, 'packages');
  for (const name of fs.readdirSync(folder).sort()) {
    const project = path.join(folder, name, 'tsconfig.json');
    if (fs.existsSync(project)) await runTool('typescript', ['--noEmit', '-p', project]);
  }
}

/** In order: what is quick to fail comes first; each with the groups that need it. */
const steps = [
  ['setup', GROUPS, setup],
  [
    'rust format',
    ['lint'],
    async () => {
      await needComponent('fmt');
      // Only the names: `npm run format` mends them.
      await run('cargo', ['fmt', '--all', '--check', '--', '-l']);
    },
  ],
  ['biome', ['lint'], () => runTool('@biomejs/biome', ['check', '--error-on-warnings'])],
  [
    'generated sample and fixtures',
    ['lint'],
    async () => {
      await runScript('make-sample.mjs', ['--check']);
      await runScript('make-odd-fixtures.mjs', ['--check']);
    },
  ],
  [
    'clippy',
    ['lint'],
    async () => {
      await needComponent('clippy');
      await run('cargo', ['clippy', '--workspace', '--all-targets', '--locked', '--', '-D', 'warnings']);
    },
  ],
  ['rust tests', ['rust'], testCrates],
  ['addon and its generated typings', ['js'], () => buildAddon(['--check'])],
  [
    'generated error codes',
    ['js'],
    () =>
      run(process.execPath, [path.join(root, 'packages/client/scripts/generate-error-codes.mjs'), '--check']),
  ],
  ['packages', ['lint', 'js'], buildPackages],
  ['types', ['lint'], checkTypes],
  ['package tests', ['js'], testPackages],
];

let only;
try {
  only = parseArgs({ options: { only: { type: 'string' } } }).values.only;
  if (only !== undefined && !GROUPS.includes(only))
    throw new Error(`--only takes ${GROUPS.join(', ')}, not ${only}`);
} catch (error) {
  stop(new CommandError(error.message));
}

const times = [];
let failure;
for (const [name, groups, step] of steps) {
  if (only !== undefined && !groups.includes(only)) continue;
  console.log(`\n--- ${name}`);
  const start = performance.now();
  const failedBefore = counts.failed;
  try {
    await step();
  } catch (error) {
    failure = { name, error };
    if (counts.failed === failedBefore) counts.failed += 1;
  }
  times.push([name, (performance.now() - start) / 1000]);
  if (failure) break;
}

console.log('\n--- seconds');
for (const [name, seconds] of times) console.log(`${seconds.toFixed(1).padStart(7)}  ${name}`);
if (failure) {
  const { name, error } = failure;
  if (error.output) console.log(error.output.trimEnd());
  console.log(`\nstopped at: ${name}: ${error instanceof CommandError ? error.message : error.stack}`);
}
if (failure || only !== 'lint') console.log(`${counts.passed} passed, ${counts.failed} failed`);
else console.log('no findings');
process.exitCode = failure ? 1 : 0;
