/** Rows of the store to JavaScript, counts of many sessions, and messages written by callers. */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { listTranscripts } from '../corpus.mjs';

export const title = 'The store: rows, counts, inserts';

export const comparable = ['rows'];
export const tolerance = 0.01;
export const peers = ['better-sqlite3'];

const SESSION = '11111111-2222-4333-8444-555555555555';

const explanation = `One session that holds all transcripts of the corpus, so that a list can be long, and the corpus itself for the
counts. \`same file\` runs the same selection and order on our database and reads every column that a message has there (the id as
text); \`own file\` is the table of the other suites, with the verbatim line as a column. Ours makes the whole compatible record:
times as text, tool input and verbatim line out of compressed blocks. Lists without the line are pages of up to 1000.
Get by id: 200 ids in a round. Inserts: one call or transaction with 10,000 messages of one session into an empty file, the same
columns, indexes and FTS5 columns (\`unicode61\` for the peer). Dashboard and activity of the last 30 days are asked of a synthetic
archive, where one is given: the peer scans the rows for the same figures.`;

/** A config folder with one transcript: all of the corpus, as one session. */
function join(bench) {
  const folder = path.join(bench.folder('joined'), 'projects', '-joined');
  mkdirSync(folder, { recursive: true });
  const file = openSync(path.join(folder, `${SESSION}.jsonl`), 'w');
  const ids = /"sessionId":"[0-9a-f-]{36}"/g;
  for (const transcript of listTranscripts(bench.corpus)) {
    writeSync(
      file,
      readFileSync(transcript, 'latin1').replace(ids, `"sessionId":"${SESSION}"`),
      null,
      'latin1',
    );
  }
  closeSync(file);
  return path.resolve(folder, '../..');
}

export function prepare(bench) {
  const joined = join(bench);
  const common = {
    native: bench.native,
    sessionId: SESSION,
    rounds: bench.rounds,
    archivePath: bench.archive,
  };
  const files = () => ({
    joinedPath: bench.indexed('han', joined),
    corpusPath: bench.indexed('han'),
    ownPath: bench.indexed('better-sqlite3', joined),
  });
  /** Their folder is gone afterwards: inserts begin with an empty file. */
  const input = (settings) => () => ({ ...common, ...files(), ...settings, folder: bench.folder('inserts') });
  const discard = ({ folder }) => folder;
  const rows = (name, module, executable) => [
    {
      name: `${name}, same file`,
      script: 'sqlite/rows.mjs',
      executable,
      discard,
      input: input({ module, own: false }),
    },
    {
      name: `${name}, own file`,
      script: 'sqlite/rows.mjs',
      executable,
      discard,
      input: input({ module, own: true }),
    },
  ];
  const han = (name, executable) => ({
    name,
    script: 'han/store.mjs',
    executable,
    discard,
    input: input({}),
  });
  const contenders = [...rows('better-sqlite3', 'better-sqlite3'), han('han')];
  if (bench.newerNode)
    contenders.push(
      ...rows('node:sqlite', 'node:sqlite', bench.newerNode),
      han('han, newer Node', bench.newerNode),
    );
  if (bench.bun) contenders.push(...rows('bun:sqlite', 'bun:sqlite', bench.bun), han('han, Bun', bench.bun));
  return { explanation, contenders };
}

export function describe({ facts }) {
  return `${facts.rows} rows, first ${facts.firstMs.toFixed(2)} ms`;
}
