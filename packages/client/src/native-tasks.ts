/** Tasks that agents keep for themselves. They come from transcripts, through the indexer. */
import type { NativeTask, NativeTaskPage, PageOptions } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** The tasks that agents keep for themselves. Reached as `client.nativeTasks`. */
export interface NativeTasks {
  /**
   * All tasks of a session, oldest first.
   *
   * @example
   * ```ts
   * const open = client.nativeTasks.list(sessionId).filter(({ status }) => status !== 'completed');
   * ```
   */
  list(sessionId: string): NativeTask[];

  /**
   * A task of a session by the agent's id, or `null`. Ids are unique within a session only.
   *
   * @example
   * ```ts
   * console.log(client.nativeTasks.get(sessionId, '1')?.subject);
   * ```
   */
  get(sessionId: string, taskId: string): NativeTask | null;

  /**
   * One page of the tasks of a session, oldest first.
   *
   * @example
   * ```ts
   * const { items } = client.nativeTasks.page(sessionId, { limit: 20 });
   * ```
   */
  page(sessionId: string, options?: PageOptions): NativeTaskPage;

  /**
   * Every task of a session, oldest first; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const { subject } of client.nativeTasks.of(sessionId)) console.log(subject);
   * ```
   */
  of(sessionId: string, pageSize?: number): AsyncGenerator<NativeTask, void, undefined>;
}

/** Makes {@link NativeTasks} over the functions of the addon, for one database. */
export function createNativeTasks(native: Native, dbPath: string): NativeTasks {
  const page = (sessionId: string, options?: PageOptions) =>
    native.listNativeTasksPage(dbPath, sessionId, options);
  return {
    list(sessionId) {
      return native.getSessionNativeTasks(dbPath, sessionId);
    },
    get(sessionId, taskId) {
      return native.getNativeTask(dbPath, sessionId, taskId);
    },
    page,
    of(sessionId, pageSize) {
      return itemsOf(pageSize, (position) => page(sessionId, position));
    },
  };
}
