/** The 20 best hits with their session and a snippet, by FTS5 in the order of `rank`. */
import { contend } from '../protocol.mjs';
import { searched } from '../searched.mjs';
import { loadDatabase } from './database.mjs';
import { configure } from './store.mjs';

const SEARCH = `
SELECT m.id, m.session_id, s.slug, s.project_slug, m.agent_id, m.message_type, m.role, m.timestamp,
       messages_fts.rank, snippet(messages_fts, 0, '', '', '…', 30) AS snippet
FROM messages_fts
JOIN messages m ON m.row = messages_fts.rowid
JOIN sessions s ON s.id = m.session_id
WHERE messages_fts MATCH ?
ORDER BY messages_fts.rank
LIMIT 20`;

await contend(async ({ databasePath, queries, rounds }) => {
  const Database = await loadDatabase();
  const database = new Database(databasePath, { readonly: true });
  configure(database);
  const search = database.prepare(SEARCH);
  const cases = searched(queries, rounds, (query) => search.all(query).length);
  database.close();
  return cases;
});
