/** Reads every field of the rows, so that a contender that decodes late is measured with the decoding. */

/** Touches the fields of message rows and returns how many rows there are. */
export function readMessages(rows, withRaw) {
  let length = 0;
  for (const row of rows) {
    length += row.id?.length ?? 0;
    length += row.sessionId.length + row.messageType.length + row.lineNumber;
    length += (row.agentId?.length ?? 0) + (row.role?.length ?? 0) + (row.content?.length ?? 0);
    length += (row.timestamp?.length ?? 0) + (row.sourceFileName?.length ?? 0);
    if (withRaw) length += row.rawJson.length;
  }
  if (Number.isNaN(length)) throw new Error('a message row lacks a field');
  return rows.length;
}

/** Touches the fields of session rows and returns how many rows there are. */
export function readSessions(rows) {
  let length = 0;
  for (const row of rows) {
    length += row.id.length + row.status.length + row.transcriptPath.length;
    length += (row.projectId?.length ?? 0) + (row.slug?.length ?? 0);
  }
  if (Number.isNaN(length)) throw new Error('a session row lacks a field');
  return rows.length;
}
