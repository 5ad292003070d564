/** What a second run costs: nothing changed in many files, and 100 lines appended to one. */
import { largestTranscript, manyTranscripts } from '../corpus.mjs';

export const title = 'Re-scan and append';

export const comparable = ['files', 'changed', 'messages'];
export const tolerance = 0.01;
export const peers = ['better-sqlite3'];

export function prepare(bench) {
  const { rounds, rescanFiles } = bench;
  const transcript = largestTranscript(bench.corpus);
  const many = manyTranscripts(transcript, bench.folder('many'), rescanFiles);
  const explanation = `Unchanged: ${rescanFiles} files, ${rounds} scans in an open process. Append: 100 lines to a transcript beside
the whole corpus, ${rounds} times; reading the tail, rows, search entries and commit are measured, writing the
transcript is not. Bytes are those passed to read and write calls, a scan or an append.`;
  const append = (kind) => () => ({
    native: bench.native,
    databasePath: bench.indexed(kind),
    folder: bench.folder('append'),
    transcript,
    rounds,
  });
  const unchanged = (kind) => () => ({
    native: bench.native,
    databasePath: bench.indexed(kind, many),
    corpus: many,
    rounds,
  });
  const contenders = [
    {
      name: 'better-sqlite3, walk and stat',
      script: 'better-sqlite3/rescan.mjs',
      input: unchanged('better-sqlite3'),
    },
    {
      name: 'stat loop over a known list',
      script: 'node/stat-loop.mjs',
      input: () => ({ corpus: many, rounds }),
    },
    { name: 'han', script: 'han/rescan.mjs', input: unchanged('han') },
    { name: 'better-sqlite3', script: 'better-sqlite3/append.mjs', input: append('better-sqlite3') },
    { name: 'han', script: 'han/append.mjs', input: append('han') },
  ];
  return { explanation, contenders };
}

export function describe({ facts }) {
  const io =
    facts.readBytes === undefined ? '' : `; read ${facts.readBytes} B, wrote ${facts.writtenBytes} B`;
  return facts.appendedBytes === undefined
    ? `${facts.files} files, ${facts.changed} changed; first scan ${facts.firstMs.toFixed(1)} ms${io}`
    : `${facts.messages} messages, ${facts.appendedBytes} B appended${io}`;
}
