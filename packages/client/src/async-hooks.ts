/** Hooks that run beside a session: a queue in order of arrival. */
import type { AsyncHookPage, AsyncHookQueueEntry, AsyncHookQueueInputNative, PageOptions } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** Names the hook of which one at most may wait. */
export interface AsyncHookKey {
  /** The session. */
  sessionId: string;
  /** The folder to run it in. */
  cwd: string;
  /** The plugin that it is of. */
  plugin: string;
  /** Its name. */
  hookName: string;
}

/** How a hook ended. */
export interface AsyncHookOutcome {
  /** Whether it is `completed`, or `failed`. */
  success: boolean;
  /** What it told. */
  result?: string | undefined;
  /** What went wrong. */
  error?: string | undefined;
}

/** The queues of sessions of a database. Reached as `client.asyncHooks`. */
export interface AsyncHooks {
  /**
   * Puts a hook at the end of a session's queue; returns its id. Where one of the same key waits already, that is
   * cancelled and its files go to the new one, each once.
   *
   * @throws HanError `DB_CONSTRAINT` when the session is unknown.
   *
   * @example
   * ```ts
   * client.asyncHooks.enqueue({ sessionId, cwd: '.', plugin: 'lint', hookName: 'check', filePaths: ['a.ts'], command: 'lint' });
   * ```
   */
  enqueue(input: AsyncHookQueueInputNative): string;

  /**
   * The hooks of a session that wait.
   *
   * @example
   * ```ts
   * client.asyncHooks.pending(sessionId).length;
   * ```
   */
  pending(sessionId: string): AsyncHookQueueEntry[];

  /**
   * Whether no hook of a session waits or runs.
   *
   * @example
   * ```ts
   * if (client.asyncHooks.isEmpty(sessionId)) console.log('done');
   * ```
   */
  isEmpty(sessionId: string): boolean;

  /**
   * Takes the hooks of a session that wait and marks them as running, in one step: of several processes that do so, no
   * two get the same hook.
   *
   * @example
   * ```ts
   * for (const { id } of client.asyncHooks.drain(sessionId)) client.asyncHooks.complete(id, { success: true });
   * ```
   */
  drain(sessionId: string): AsyncHookQueueEntry[];

  /**
   * Cancels what waits of a hook; returns its files, each once.
   *
   * @example
   * ```ts
   * const files = client.asyncHooks.cancelPending({ sessionId, cwd: '.', plugin: 'lint', hookName: 'check' });
   * ```
   */
  cancelPending(key: AsyncHookKey): string[];

  /**
   * Notes how a hook ended. An unknown id changes nothing.
   *
   * @example
   * ```ts
   * client.asyncHooks.complete(id, { success: false, error: 'timed out' });
   * ```
   */
  complete(id: string, outcome: AsyncHookOutcome): void;

  /**
   * Cancels a hook, whatever its status. An unknown id changes nothing.
   *
   * @example
   * ```ts
   * client.asyncHooks.cancel(id);
   * ```
   */
  cancel(id: string): void;

  /**
   * Cancels the hooks of a session that wait or run; returns how many there were.
   *
   * @example
   * ```ts
   * client.asyncHooks.clear(sessionId);
   * ```
   */
  clear(sessionId: string): number;

  /**
   * One page of the hooks of a session that wait, in order of arrival.
   *
   * @example
   * ```ts
   * const { items } = client.asyncHooks.pendingPage(sessionId, { limit: 20 });
   * ```
   */
  pendingPage(sessionId: string, options?: PageOptions): AsyncHookPage;

  /**
   * Every hook of a session that waits; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const { hookName } of client.asyncHooks.allPending(sessionId)) console.log(hookName);
   * ```
   */
  allPending(sessionId: string, pageSize?: number): AsyncGenerator<AsyncHookQueueEntry, void, undefined>;
}

/** Makes {@link AsyncHooks} over the functions of the addon, for one database. */
export function createAsyncHooks(native: Native, dbPath: string): AsyncHooks {
  const pendingPage = (sessionId: string, options?: PageOptions) =>
    native.listPendingAsyncHooksPage(dbPath, sessionId, options);
  return {
    enqueue(input) {
      return native.enqueueAsyncHook(dbPath, input);
    },
    pending(sessionId) {
      return native.listPendingAsyncHooks(dbPath, sessionId);
    },
    isEmpty(sessionId) {
      return native.isAsyncHookQueueEmpty(dbPath, sessionId);
    },
    drain(sessionId) {
      return native.drainAsyncHookQueue(dbPath, sessionId);
    },
    cancelPending({ sessionId, cwd, plugin, hookName }) {
      return native.cancelPendingAsyncHooks(dbPath, sessionId, cwd, plugin, hookName);
    },
    complete(id, { success, result, error }) {
      native.completeAsyncHook(dbPath, id, success, result, error);
    },
    cancel(id) {
      native.cancelAsyncHook(dbPath, id);
    },
    clear(sessionId) {
      return native.clearAsyncHookQueueForSession(dbPath, sessionId);
    },
    pendingPage,
    allPending(sessionId, pageSize) {
      return itemsOf(pageSize, (position) => pendingPage(sessionId, position));
    },
  };
}
