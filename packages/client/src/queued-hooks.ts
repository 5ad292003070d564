/** Hooks that wait in the queue of an orchestration, in order of arrival. */
import type { QueuedHook, QueuedHookInput } from '@han/native';
import type { Native } from './native.js';

/** The queues of a database. Reached as `client.queuedHooks`. */
export interface QueuedHooks {
  /**
   * Puts a hook at the end of an orchestration's queue; returns its id.
   *
   * @throws HanError `DB_CONSTRAINT` when the orchestration is unknown.
   *
   * @example
   * ```ts
   * client.queuedHooks.add({ orchestrationId, plugin: 'lint', hookName: 'check', directory: '.', command: 'lint' });
   * ```
   */
  add(input: QueuedHookInput): string;

  /**
   * The queue of an orchestration.
   *
   * @example
   * ```ts
   * client.queuedHooks.list(orchestrationId).length;
   * ```
   */
  list(orchestrationId: string): QueuedHook[];

  /**
   * Takes all hooks out of the queue in one step: of several processes that do so, no two get the same hook.
   *
   * @example
   * ```ts
   * for (const { command, directory } of client.queuedHooks.drain(orchestrationId)) console.log(command, directory);
   * ```
   */
  drain(orchestrationId: string): QueuedHook[];

  /**
   * Empties the queue; returns how many hooks went.
   *
   * @example
   * ```ts
   * client.queuedHooks.delete(orchestrationId);
   * ```
   */
  delete(orchestrationId: string): number;
}

/** Makes {@link QueuedHooks} over the functions of the addon, for one database. */
export function createQueuedHooks(native: Native, dbPath: string): QueuedHooks {
  return {
    add(input) {
      return native.queueHook(input, dbPath);
    },
    list(orchestrationId) {
      return native.getQueuedHooks(orchestrationId, dbPath);
    },
    drain(orchestrationId) {
      return native.drainQueuedHooks(orchestrationId, dbPath);
    },
    delete(orchestrationId) {
      return native.deleteQueuedHooks(orchestrationId, dbPath);
    },
  };
}
