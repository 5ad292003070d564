/** Failures in a row of hooks: how often each may fail before it is stuck. */
import type { HookAttemptInfo } from '@han/native';
import { type Native, onDatabase } from './native.js';

/** Names a hook in a session and folder. */
export interface HookKey {
  /** The session that it runs for. */
  sessionId: string;
  /** The plugin that it is of. */
  plugin: string;
  /** Its name. */
  hookName: string;
  /** The folder that it runs in. */
  directory: string;
}

/** The failures of hooks of a database. Reached as `client.hookAttempts`. */
export interface HookAttempts {
  /**
   * How often a hook failed in a row, and how often it may; of one that never ran 0 of 3.
   *
   * @example
   * ```ts
   * if (client.hookAttempts.get(key).isStuck) console.error('the hook failed too often');
   * ```
   */
  get(key: HookKey): HookAttemptInfo;

  /**
   * Counts one failure more, and returns the count.
   *
   * @throws HanError `HOOK_NOT_FOUND` when no run of the hook was recorded or queued in this session and folder.
   *
   * @example
   * ```ts
   * const { consecutiveFailures } = client.hookAttempts.increment(key);
   * ```
   */
  increment(key: HookKey): HookAttemptInfo;

  /**
   * Forgets the failures. Of a hook that never ran it changes nothing.
   *
   * @example
   * ```ts
   * client.hookAttempts.reset(key);
   * ```
   */
  reset(key: HookKey): void;

  /**
   * Allows so many failures more. Of a hook that never ran it changes nothing.
   *
   * @example
   * ```ts
   * client.hookAttempts.increaseMax(key, 2);
   * ```
   */
  increaseMax(key: HookKey, increase: number): void;
}

/** Makes {@link HookAttempts} over the functions of the addon, for one database. */
export function createHookAttempts(native: Native, dbPath: string): HookAttempts {
  const here = onDatabase(native, dbPath);
  return {
    get({ sessionId, plugin, hookName, directory }) {
      return here(() => native.getOrCreateHookAttempt(sessionId, plugin, hookName, directory));
    },
    increment({ sessionId, plugin, hookName, directory }) {
      return here(() => native.incrementHookFailures(sessionId, plugin, hookName, directory));
    },
    reset({ sessionId, plugin, hookName, directory }) {
      here(() => native.resetHookFailures(sessionId, plugin, hookName, directory));
    },
    increaseMax({ sessionId, plugin, hookName, directory }, increase) {
      here(() => native.increaseHookMaxAttempts(sessionId, plugin, hookName, directory, increase));
    },
  };
}
