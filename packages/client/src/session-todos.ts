/** Todos of sessions: the latest list of each. */
import type { SessionTodos, SessionTodosInput, TodoItem } from '@han/native';
import type { Native } from './native.js';

/** The latest lists of todos in a database. Reached as `client.sessionTodos`. */
export interface SessionTodosLists {
  /**
   * The latest list of a session, or `null`.
   *
   * @example
   * ```ts
   * const listedAt = client.sessionTodos.get(sessionId)?.timestamp;
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

  /**
   * The todos of the latest list of a session, in their order; none where it has no list.
   *
   * @example
   * ```ts
   * const open = client.sessionTodos.items(sessionId).filter(({ status }) => status !== 'completed');
   * ```
   */
  items(sessionId: string): TodoItem[];
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
    items(sessionId) {
      return todoItems(native.getSessionTodos(dbPath, sessionId)?.todosJson ?? '[]');
    },
  };
}

/**
 * The todos in a `todosJson`, in their order. What is damaged costs only itself: text that is no JSON array has no
 * todos, and what has no `content` is none. A missing `status` reads `pending`, a missing `activeForm` as `content`.
 *
 * @param todosJson - As records of type `SessionTodos` hold it.
 *
 * @example
 * ```ts
 * todoItems('[{"content":"Write tests"}]'); // [{ content: 'Write tests', status: 'pending', activeForm: 'Write tests' }]
 * ```
 */
export function todoItems(todosJson: string): TodoItem[] {
  const list = parsed(todosJson);
  return Array.isArray(list) ? list.flatMap((todo: unknown) => itemOf(todo)) : [];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Transcripts may hold anything here.
    return undefined;
  }
}

function itemOf(todo: unknown): TodoItem[] {
  if (typeof todo !== 'object' || todo === null || !('content' in todo) || typeof todo.content !== 'string') {
    return [];
  }
  const { content } = todo;
  const status = 'status' in todo && typeof todo.status === 'string' ? todo.status : 'pending';
  const activeForm = 'activeForm' in todo && typeof todo.activeForm === 'string' ? todo.activeForm : content;
  return [{ content, status, activeForm }];
}
