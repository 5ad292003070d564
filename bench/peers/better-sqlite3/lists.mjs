/** Lists and counts by plain SQL and `.all()`. */
import { contend } from '../protocol.mjs';
import { readMessages, readSessions } from '../reading.mjs';
import { repeated } from '../repeated.mjs';
import { loadDatabase } from './database.mjs';
import { configure } from './store.mjs';

const COLUMNS = `
id, session_id AS sessionId, agent_id AS agentId, message_type AS messageType, role, content, timestamp,
line_number AS lineNumber, source_file_name AS sourceFileName`;
const MESSAGES = (columns) => `
SELECT ${columns} FROM messages WHERE session_id = ? ORDER BY timestamp DESC LIMIT 1000`;
const SESSIONS = `
SELECT id, project_slug AS projectId, status, transcript_path AS transcriptPath, slug
FROM sessions ORDER BY ended_at DESC LIMIT 100`;
const COUNTS = `
SELECT session_id, count(*) FROM messages
WHERE session_id IN (SELECT value FROM json_each(?)) AND message_type IN ('user', 'assistant')
GROUP BY session_id`;

await contend(async ({ databasePath, sessionId, sessionIds, rounds }) => {
  const Database = await loadDatabase();
  const database = new Database(databasePath, { readonly: true });
  configure(database);
  const raw = database.prepare(MESSAGES(`${COLUMNS}, raw_json AS rawJson`));
  const plain = database.prepare(MESSAGES(COLUMNS));
  const sessions = database.prepare(SESSIONS);
  const counts = database.prepare(COUNTS).raw();
  const ids = JSON.stringify(sessionIds);
  const cases = [
    await repeated('messages with raw', rounds, () => ({ rows: readMessages(raw.all(sessionId), true) })),
    await repeated('messages', rounds, () => ({ rows: readMessages(plain.all(sessionId), false) })),
    await repeated('sessions', rounds, () => ({ rows: readSessions(sessions.all()) })),
    await repeated('counts', rounds, () => ({
      rows: Object.keys(Object.fromEntries(counts.all(ids))).length,
    })),
  ];
  database.close();
  return cases;
});
