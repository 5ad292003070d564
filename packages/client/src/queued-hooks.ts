/** Hooks that wait in the queue of an orchestration, in order of arrival. */
import type { PageOptions, QueuedHook, QueuedHookInput, QueuedHookPage } from '@han/native';
import { type Native, onDatabase } from './native.js';
import { itemsOf } from './pages.js';

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

  /**
   * As `add` for many, in one transaction: all are queued, or none. Returns their ids in the order of the input.
   *
   * @throws HanError `DB_CONSTRAINT` when an orchestration is unknown.
   *
   * @example
   * ```ts
   * const ids = client.queuedHooks.addMany(hooks);
   * ```
   */
  addMany(inputs: QueuedHookInput[]): string[];

  /**
   * One page of the queue of an orchestration, in order of arrival.
   *
   * @example
   * ```ts
   * const { items } = client.queuedHooks.page(orchestrationId, { limit: 20 });
   * ```
   */
  page(orchestrationId: string, options?: PageOptions): QueuedHookPage;

  /**
   * Every hook in the queue of an orchestration; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const { hookName } of client.queuedHooks.of(orchestrationId)) console.log(hookName);
   * ```
   */
  of(orchestrationId: string, pageSize?: number): AsyncGenerator<QueuedHook, void, undefined>;
}

/** Makes {@link QueuedHooks} over the functions of the addon, for one database. */
export function createQueuedHooks(native: Native, dbPath: string): QueuedHooks {
  const here = onDatabase(native, dbPath);
  const page = (orchestrationId: string, options?: PageOptions) =>
    native.listQueuedHooksPage(dbPath, orchestrationId, options);
  return {
    add(input) {
      return here(() => native.queueHook(input));
    },
    list(orchestrationId) {
      return here(() => native.getQueuedHooks(orchestrationId));
    },
    drain(orchestrationId) {
      return native.drainQueuedHooks(dbPath, orchestrationId);
    },
    delete(orchestrationId) {
      return here(() => native.deleteQueuedHooks(orchestrationId));
    },
    addMany(inputs) {
      return native.queueHooks(dbPath, inputs);
    },
    page,
    of(orchestrationId, pageSize) {
      return itemsOf(pageSize, (position) => page(orchestrationId, position));
    },
  };
}
