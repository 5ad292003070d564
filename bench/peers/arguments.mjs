/** The command line of the harness. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const DATABASE_SUITES = ['index', 'search', 'lists', 'rescan', 'store'];
const JSONL_SUITES = ['jsonl-count', 'jsonl-filter', 'jsonl-stream', 'jsonl-page'];
const TREE_SUITES = ['git', 'files'];
const SUITES = [...DATABASE_SUITES, ...JSONL_SUITES, ...TREE_SUITES];
const GROUPS = { all: [...DATABASE_SUITES, ...JSONL_SUITES], jsonl: JSONL_SUITES };
export const USAGE = `node bench/peers/run.mjs (--corpus DIR | --file FILE | --generate SIZE --generator FILE) [options]

  --suite NAMES       ${DATABASE_SUITES.join(', ')}, ${JSONL_SUITES.join(', ')},
                      jsonl (the last four) or all, separated by commas (default index; with --file jsonl);
                      ${TREE_SUITES.join(', ')}: on a tree that is made for the run, without a corpus
  --corpus DIR        folder with projects/<slug>/*.jsonl; is only read. The jsonl suites join it into one file
  --file FILE         one JSONL file for the jsonl suites; is only read
  --generate SIZE     make a corpus of this size (200M, 1G) for this run
  --generator FILE    the transcript generator for --generate
  --runs N            processes of each contender (default 5)
  --rounds N          repetitions inside a process where a case is short (default 20)
  --files N           tracked files of the tree of the suites git and files (default 20000)
  --rescan-files N    files of the unchanged tree (default 10000)
  --only NAMES        only contenders whose name begins so, separated by commas
  --cases NAMES       only cases of the jsonl suites whose name begins so, separated by commas
  --archive FILE      a synthetic archive for the dashboards of the suite store (see bench/README.md)
  --newer-node FILE   a Node that has node:sqlite, for the suite store
  --bun FILE          a Bun, for the suite store
  --native DIR        package of the addon (default packages/native)
  --temporary DIR     where databases and joined files go (default the system's)
  --record FILE       add the result to FILE (.md) and the values to the CSV file beside it`;

/** The options of this run, checked; null for --help. */
export function readArguments() {
  const string = { type: 'string' };
  const { values } = parseArgs({
    options: {
      suite: string,
      corpus: string,
      file: string,
      generate: string,
      generator: string,
      runs: { ...string, default: '5' },
      rounds: { ...string, default: '20' },
      'rescan-files': { ...string, default: '10000' },
      files: { ...string, default: '20000' },
      only: string,
      cases: string,
      native: { ...string, default: path.join(HERE, '../../packages/native') },
      temporary: string,
      archive: string,
      'newer-node': string,
      bun: string,
      record: string,
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const named = values.suite ?? (values.file === undefined ? 'index' : 'jsonl');
  const suites = named.split(',').flatMap((name) => GROUPS[name] ?? [name]);
  const unknown = suites.find((name) => !SUITES.includes(name));
  if (unknown !== undefined) throw new Error(`no suite ${unknown}`);
  const sources = [values.corpus, values.file, values.generate].filter((value) => value !== undefined);
  const onlyTree = suites.every((name) => TREE_SUITES.includes(name));
  if (sources.length !== 1 && !(onlyTree && sources.length === 0))
    throw new Error('give one of --corpus, --file and --generate');
  const databaseSuite = suites.find((name) => DATABASE_SUITES.includes(name));
  if (values.file !== undefined && databaseSuite !== undefined) {
    throw new Error(`the suite ${databaseSuite} needs a corpus, not a file`);
  }
  if (values.generate !== undefined && values.generator === undefined) {
    throw new Error('--generate needs --generator');
  }
  return {
    ...values,
    suites,
    needsDatabase: databaseSuite !== undefined,
    file: values.file && path.resolve(values.file),
    runs: positive(values, 'runs'),
    rounds: positive(values, 'rounds'),
    rescanFiles: positive(values, 'rescan-files'),
    files: positive(values, 'files'),
    onlyTree,
    archive: values.archive && path.resolve(values.archive),
    newerNode: values['newer-node'] && path.resolve(values['newer-node']),
    bun: values.bun && path.resolve(values.bun),
    native: path.resolve(values.native),
    only: values.only?.split(','),
    cases: values.cases?.split(','),
  };
}

function positive(values, name) {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a positive whole number`);
  return number;
}
