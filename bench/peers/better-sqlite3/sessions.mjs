/** Chooses the inputs of the lists suite from the database that the peer has indexed. */
import { loadDatabase } from './database.mjs';

/** { sessionId, sessionIds }: the session with the most messages, and all sessions. */
export async function chooseSessions(databasePath) {
  const Database = await loadDatabase();
  const database = new Database(databasePath, { readonly: true });
  const sessionIds = database
    .prepare('SELECT session_id FROM messages GROUP BY session_id ORDER BY count(*) DESC, session_id')
    .pluck()
    .all();
  database.close();
  return { sessionId: sessionIds[0], sessionIds };
}
