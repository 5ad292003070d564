/** The 20 best hits of rare words, pairs of words and common words. */
import { chooseQueries } from '../better-sqlite3/vocabulary.mjs';

export const title = 'Search, 20 best';

/** Tokenizers differ, so the number of hits may. */
export const comparable = [];
export const tolerance = 0.01;
export const peers = ['better-sqlite3'];

export async function prepare(bench) {
  const peerDatabase = bench.indexed('better-sqlite3');
  const { queries, rows } = await chooseQueries(peerDatabase);
  const explanation = `${rows} messages. Eight queries a list, chosen by document frequency, each asked ${bench.rounds} times; the times
are of one query. The peer orders by FTS5 \`rank\` and joins message, session and snippet.
${Object.entries(queries)
  .map(([name, list]) => `\n- ${name}: ${list.join(', ')}`)
  .join('')}`;
  const { rounds } = bench;
  const contenders = [
    {
      name: 'better-sqlite3',
      script: 'better-sqlite3/search.mjs',
      input: () => ({ databasePath: peerDatabase, queries, rounds }),
    },
    {
      name: 'han',
      script: 'han/search.mjs',
      input: () => ({ native: bench.native, databasePath: bench.indexed('han'), queries, rounds }),
    },
  ];
  return { explanation, contenders };
}

export function describe({ facts }) {
  return `${facts.hits} hits of ${facts.queries} queries in ${facts.roundMs.toFixed(2)} ms`;
}
