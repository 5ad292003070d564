/** First index of a whole corpus into a fresh database. */
import path from 'node:path';

export const title = 'First index';

/** Facts that must agree for the times to be comparable. */
export const comparable = ['files', 'messages'];
export const tolerance = 0.01;
export const peers = ['better-sqlite3'];

const explanation = `Fresh database each run: rows with their text, tokens and verbatim line, indexes and full-text search.
The first peer runs in WAL mode in one transaction, the second with the fastest settings that survive a crash
(rollback journal while loading, 16 KiB pages, 64 MiB FTS hash, WAL afterwards).`;

export function prepare(bench) {
  const fresh = (input) => () => ({
    corpus: bench.corpus,
    databasePath: path.join(bench.folder('index'), 'han.db'),
    ...input,
  });
  const discard = ({ databasePath }) => path.dirname(databasePath);
  const peer = 'better-sqlite3/index.mjs';
  const contenders = [
    { name: 'better-sqlite3', script: peer, input: fresh({ tuned: false }), discard },
    { name: 'better-sqlite3, tuned', script: peer, input: fresh({ tuned: true }), discard },
    {
      name: 'han async',
      script: 'han/index.mjs',
      input: fresh({ native: bench.native, form: 'async' }),
      discard,
    },
    {
      name: 'han sync',
      script: 'han/index.mjs',
      input: fresh({ native: bench.native, form: 'sync' }),
      discard,
    },
  ];
  return { explanation, contenders };
}

export function describe({ ms, facts }, corpus) {
  const rate = (amount) => Math.round(amount / (ms / 1000));
  return [
    `${(corpus.bytes / 1e6 / (ms / 1000)).toFixed(1)} MB/s`,
    `${rate(facts.messages)} messages/s`,
    `${facts.files} files, ${facts.messages} messages, ${facts.broken} broken lines`,
    `database ${(facts.databaseBytes / corpus.bytes).toFixed(2)}x of the source`,
  ].join('; ');
}
