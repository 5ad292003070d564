/**
 * Indexes a corpus into a fresh database in one transaction: rows first, then the three indexes, then the
 * search index. `input.tuned` false: WAL, the settings that a service would run with. True: the fastest
 * settings that still survive a crash and keep every feature: a rollback journal while loading (new pages are
 * then written once), large pages, a large FTS hash table; WAL is switched on at the end.
 */
import { statSync } from 'node:fs';
import { listTranscripts } from '../corpus.mjs';
import { contend, timed } from '../protocol.mjs';
import { loadDatabase } from './database.mjs';
import { configure, INDEXES, prepareWriter, SCHEMA } from './store.mjs';
import { indexTranscript } from './transcript.mjs';

await contend(async ({ corpus, databasePath, tuned }) => {
  const Database = await loadDatabase();
  const { ms, result } = await timed(() => load(new Database(databasePath), corpus, tuned));
  return [{ case: 'index', ms, facts: { ...result, databaseBytes: statSync(databasePath).size } }];
});

function load(database, corpus, tuned) {
  const total = { files: 0, bytes: 0, messages: 0, broken: 0 };
  if (tuned) database.pragma('page_size = 16384');
  else database.pragma('journal_mode = WAL');
  configure(database);
  database.transaction(() => {
    database.exec(SCHEMA);
    if (tuned) database.exec("INSERT INTO messages_fts (messages_fts, rank) VALUES ('hashsize', 67108864)");
    const writer = prepareWriter(database);
    for (const file of listTranscripts(corpus)) {
      const { messages, broken, bytes } = indexTranscript(writer, file, undefined, false);
      total.files += 1;
      total.bytes += bytes;
      total.messages += messages;
      total.broken += broken;
    }
    database.exec(INDEXES);
    database.exec("INSERT INTO messages_fts (messages_fts) VALUES ('rebuild')");
  })();
  if (tuned) database.pragma('journal_mode = WAL');
  database.close();
  return total;
}
