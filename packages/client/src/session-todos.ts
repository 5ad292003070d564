/** Todos of sessions: the latest list of each. */
import type { SessionTodos, SessionTodosInput } from '@han/native';
import type { Native } from './native.js';

/** The latest lists of todos in a database. Reached as `client.sessionTodos`. */
export interface SessionTodosLists {
  /**
   * The latest list of a session, or `null`.
   *
   * @example
   * ```ts
   * const todos = JSON.parse(client.sessionTodos.get(sessionId)?.todosJson ?? '[]');
   * ```
   */
  get(sessionId: string): SessionTodos | null;

  /**
   * Writes the list of a session unless it has a later one; returns the one it has then.
   *
   * @throws HanError `DB_CONSTRAINT` when the session is unknown, `INVALID_TIMESTAMP`.
   *
   * @example
   * ```ts
   * const todosJson = JSON.stringify([{ content: 'Write tests', status: 'pending', activeForm: 'Writing tests' }]);
   * client.sessionTodos.upsert({ sessionId, messageId, todosJson, timestamp: '2026-11-20T12:00:00Z', lineNumber: 0 });
   * ```
   */
  upsert(input: SessionTodosInput): SessionTodos;
}

/** Makes {@link SessionTodosLists} over the functions of the addon, for one database. */
export function createSessionTodosLists(native: Native, dbPath: string): SessionTodosLists {
  return {
    get(sessionId) {
      return native.getSessionTodos(dbPath, sessionId);
    },
    upsert(input) {
      return native.upsertSessionTodos(dbPath, input);
    },
  };
}
