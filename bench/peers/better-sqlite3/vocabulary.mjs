/**
 * Chooses the queries of the search suite by document frequency: eight rare words, eight pairs of words of
 * middling frequency that occur together, and the eight most common words. Only plain lower-case words of four
 * letters or more, which every tokenizer keeps whole and no query language reads as an operator.
 */
import { loadDatabase } from './database.mjs';

const COUNT = 8;
const WORDS = `
SELECT term, doc FROM vocabulary
WHERE term GLOB '[a-z][a-z][a-z][a-z]*' AND term NOT GLOB '*[^a-z]*' AND term <> 'near'
ORDER BY doc DESC, term`;

/** { rare, pairs, common }: lists of query texts for the database that the peer has indexed. */
export async function chooseQueries(databasePath) {
  const Database = await loadDatabase();
  const database = new Database(databasePath);
  database.exec("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, messages_fts, 'row')");
  const words = database.prepare(WORDS).all();
  const together = database.prepare('SELECT count(*) FROM messages_fts WHERE messages_fts MATCH ?').pluck();
  const rows = database.prepare('SELECT count(*) FROM messages').pluck().get();
  const rare = spread(words.filter(({ doc }) => doc >= 3 && doc <= 20));
  const middling = words.filter(({ doc }) => doc >= rows * 0.005 && doc <= rows * 0.05);
  const pairs = [];
  for (let index = 0; index + 1 < middling.length; index += 2) {
    const pair = `${middling[index].term} ${middling[index + 1].term}`;
    if (together.get(pair) >= 20) pairs.push({ term: pair });
  }
  database.close();
  const queries = { rare, pairs: spread(pairs), common: words.slice(0, COUNT).map(({ term }) => term) };
  for (const [name, list] of Object.entries(queries)) {
    if (list.length < COUNT) throw new Error(`the corpus is too small: ${list.length} ${name} queries`);
  }
  return { queries, rows };
}

/** COUNT terms at even distances over the whole list. */
function spread(list) {
  if (list.length < COUNT) return list.map(({ term }) => term);
  return Array.from({ length: COUNT }, (_, index) => list[Math.floor((index * list.length) / COUNT)].term);
}
