/** Summaries of sessions: the latest that an agent wrote of each. */
import type { SessionSummary, SessionSummaryInput } from '@han/native';
import type { Native } from './native.js';

/** The latest summaries of sessions in a database. Reached as `client.sessionSummaries`. */
export interface SessionSummaries {
  /**
   * The latest summary of a session, or `null`.
   *
   * @example
   * ```ts
   * console.log(client.sessionSummaries.get(sessionId)?.content);
   * ```
   */
  get(sessionId: string): SessionSummary | null;

  /**
   * Writes the summary of a session unless it has a later one; returns the one it has then.
   *
   * @throws HanError `DB_CONSTRAINT` when the session is unknown, `INVALID_TIMESTAMP`.
   *
   * @example
   * ```ts
   * client.sessionSummaries.upsert({ sessionId, messageId, content, timestamp: '2026-11-20T12:00:00Z', lineNumber: 0 });
   * ```
   */
  upsert(input: SessionSummaryInput): SessionSummary;
}

/** Makes {@link SessionSummaries} over the functions of the addon, for one database. */
export function createSessionSummaries(native: Native, dbPath: string): SessionSummaries {
  return {
    get(sessionId) {
      return native.getSessionSummary(dbPath, sessionId);
    },
    upsert(input) {
      return native.upsertSessionSummary(dbPath, input);
    },
  };
}
