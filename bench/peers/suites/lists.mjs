/** Lists of rows as objects, and counts for many sessions. */
import { chooseSessions } from '../better-sqlite3/sessions.mjs';

export const title = 'Lists and counts';

export const comparable = ['rows'];
export const tolerance = 0.01;
export const peers = ['better-sqlite3'];

const explanation = `Up to 1000 messages of the longest session with and without the verbatim line, the 100 sessions of newest
activity, and the counts of user and assistant messages of all sessions. Every field of every row is read.`;

export async function prepare(bench) {
  const peerDatabase = bench.indexed('better-sqlite3');
  const chosen = await chooseSessions(peerDatabase);
  const { rounds } = bench;
  const contenders = [
    {
      name: 'better-sqlite3',
      script: 'better-sqlite3/lists.mjs',
      input: () => ({ databasePath: peerDatabase, ...chosen, rounds }),
    },
    {
      name: 'han',
      script: 'han/lists.mjs',
      input: () => ({ native: bench.native, databasePath: bench.indexed('han'), ...chosen, rounds }),
    },
  ];
  return { explanation, contenders };
}

export function describe({ facts }) {
  return `${facts.rows} rows`;
}
