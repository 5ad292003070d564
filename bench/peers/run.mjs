#!/usr/bin/env node
/** Measures Han Native beside its peers; see ../README.md. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Bench, Interrupted } from './bench.mjs';
import { loadDatabase } from './better-sqlite3/database.mjs';
import { generate, warm } from './corpus.mjs';
import { Skip } from './protocol.mjs';
import { markdown, write } from './record.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SUITES = ['index', 'search', 'lists', 'rescan'];
const USAGE = `node bench/peers/run.mjs (--corpus DIR | --generate SIZE --generator FILE) [options]

  --suite NAMES       ${SUITES.join(', ')} or all, separated by commas (default index)
  --corpus DIR        folder with projects/<slug>/*.jsonl; is only read
  --generate SIZE     make a corpus of this size (200M, 1G) for this run
  --generator FILE    the transcript generator for --generate
  --runs N            processes of each contender (default 5)
  --rounds N          repetitions inside a process where a case is short (default 20)
  --rescan-files N    files of the unchanged tree (default 10000)
  --only NAMES        only contenders whose name begins so, separated by commas
  --native DIR        package of the addon (default packages/native)
  --temporary DIR     where databases go (default the system's)
  --record FILE       add the result to FILE (.md) and the values to the CSV file beside it`;

function readArguments() {
  const string = { type: 'string' };
  const { values } = parseArgs({
    options: {
      suite: { ...string, default: 'index' },
      corpus: string,
      generate: string,
      generator: string,
      runs: { ...string, default: '5' },
      rounds: { ...string, default: '20' },
      'rescan-files': { ...string, default: '10000' },
      only: string,
      native: { ...string, default: path.join(HERE, '../../packages/native') },
      temporary: string,
      record: string,
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const suites = values.suite === 'all' ? SUITES : values.suite.split(',');
  const unknown = suites.find((name) => !SUITES.includes(name));
  if (unknown !== undefined) throw new Error(`no suite ${unknown}`);
  if ((values.corpus === undefined) === (values.generate === undefined)) {
    throw new Error('give either --corpus or --generate');
  }
  if (values.generate !== undefined && values.generator === undefined) {
    throw new Error('--generate needs --generator');
  }
  return {
    ...values,
    suites,
    runs: positive(values, 'runs'),
    rounds: positive(values, 'rounds'),
    rescanFiles: positive(values, 'rescan-files'),
    native: path.resolve(values.native),
    only: values.only?.split(','),
  };
}

function positive(values, name) {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a positive whole number`);
  return number;
}

/** Runs the contenders of one suite in turns, each turn beginning with another one. */
async function measure(bench, suite, { runs, only }) {
  const module = await import(`./suites/${suite}.mjs`);
  const { explanation, contenders } = await module.prepare(bench);
  const chosen = contenders.filter(
    ({ name }) => only === undefined || only.some((start) => name.startsWith(start)),
  );
  const samples = [];
  const skipped = new Map();
  const failed = [];
  for (let run = 1; run <= runs; run += 1) {
    for (let turn = 0; turn < chosen.length; turn += 1) {
      const contender = chosen[(turn + run - 1) % chosen.length];
      if (skipped.has(contender)) continue;
      const answer = runOnce(bench, contender);
      if (answer.failed !== undefined) {
        skipped.set(contender, 'failed');
        failed.push(contender.name);
        console.error(`${suite}: ${contender.name}: failed: ${answer.failed}`);
        continue;
      }
      if (answer.skip !== undefined) {
        skipped.set(contender, answer.skip);
        console.log(`${suite}: ${contender.name}: skipped: ${answer.skip} (${answer.detail})`);
        continue;
      }
      for (const each of answer.cases) {
        const { peakRssBytes, processMs } = answer;
        const place = contenders.indexOf(contender);
        samples.push({ ...each, contender: contender.name, place, run, peakRssBytes, processMs });
        console.log(
          `${suite}: ${contender.name}: ${each.case}, run ${run} of ${runs}: ${each.ms.toFixed(3)} ms`,
        );
      }
    }
  }
  // The first contender of a case is its baseline, whichever began the turns.
  samples.sort((a, b) => a.place - b.place || a.run - b.run);
  return {
    suite,
    module,
    explanation,
    samples,
    skipped: [...skipped].map(([{ name }, reason]) => ({ name, reason })),
    failed,
  };
}

/** The answer of one contender; whatever keeps it from answering is its own failure, not that of the run. */
function runOnce(bench, contender) {
  try {
    const input = contender.input();
    const answer = bench.run(contender.script, input);
    if (contender.discard) bench.discard(contender.discard(input));
    return answer;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (error instanceof Skip) return { skip: error.message, detail: error.detail };
    return { failed: error.message };
  }
}

async function main(options) {
  await loadDatabase();
  // The running contender gets the signal too, and its end is what stops the run: then the folder is cleared.
  process.on('SIGINT', () => console.error('interrupted'));
  const time = new Date().toISOString();
  const bench = new Bench(options);
  try {
    bench.corpus = options.corpus
      ? path.resolve(options.corpus)
      : generate(path.resolve(options.generator), options.generate, bench.folder('corpus'));
    const corpus = warm(bench.corpus);
    if (options.generate !== undefined) corpus.name = `generated ${options.generate}`;
    const measured = [];
    for (const suite of options.suites) measured.push(await measure(bench, suite, options));
    const context = { time, corpus, runs: options.runs, native: options.native };
    const text = markdown(context, measured);
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
