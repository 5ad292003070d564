/** Compactions of sessions: the latest text that each session went on from. */
import type { SessionCompact, SessionCompactInput } from '@han/native';
import type { Native } from './native.js';

/** The latest compactions of sessions in a database. Reached as `client.sessionCompacts`. */
export interface SessionCompacts {
  /**
   * The latest compaction of a session, or `null`.
   *
   * @example
   * ```ts
   * console.log(client.sessionCompacts.get(sessionId)?.compactType);
   * ```
   */
  get(sessionId: string): SessionCompact | null;

  /**
   * Writes the compaction of a session unless it has a later one; returns the one it has then.
   *
   * @throws HanError `DB_CONSTRAINT` when the session is unknown, `INVALID_TIMESTAMP`.
   *
   * @example
   * ```ts
   * client.sessionCompacts.upsert({ sessionId, messageId, content, timestamp: '2026-11-20T12:00:00Z', lineNumber: 0 });
   * ```
   */
  upsert(input: SessionCompactInput): SessionCompact;
}

/** Makes {@link SessionCompacts} over the functions of the addon, for one database. */
export function createSessionCompacts(native: Native, dbPath: string): SessionCompacts {
  return {
    get(sessionId) {
      return native.getSessionCompact(dbPath, sessionId);
    },
    upsert(input) {
      return native.upsertSessionCompact(dbPath, input);
    },
  };
}
