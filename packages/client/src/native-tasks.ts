/** Tasks that agents keep for themselves. They come from transcripts, through the indexer. */
import type { NativeTask } from '@han/native';
import type { Native } from './native.js';

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
}

/** Makes {@link NativeTasks} over the functions of the addon, for one database. */
export function createNativeTasks(native: Native, dbPath: string): NativeTasks {
  return {
    list(sessionId) {
      return native.getSessionNativeTasks(dbPath, sessionId);
    },
    get(sessionId, taskId) {
      return native.getNativeTask(dbPath, sessionId, taskId);
    },
  };
}
