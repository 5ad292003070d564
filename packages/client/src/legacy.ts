/** The index that an older program kept in `~/.claude/han/memory/index`. */
import type { Native } from './native.js';

/** The older index. Reached as `HanClient.legacy`. */
export interface Legacy {
  /**
   * Whether its folder exists.
   *
   * @example
   * ```ts
   * if (HanClient.legacy.exists()) console.log('An older index can be removed.');
   * ```
   */
  exists(): boolean;

  /**
   * Removes its folder with everything in it; `false` when there is none.
   *
   * @throws HanError When it cannot be removed.
   *
   * @example
   * ```ts
   * HanClient.legacy.remove();
   * ```
   */
  remove(): boolean;
}

/** Makes {@link Legacy} over the functions of the addon. */
export function createLegacy(native: Native): Legacy {
  return {
    exists() {
      return native.hasLegacyDatabase();
    },
    remove() {
      return native.cleanupLegacyDatabase();
    },
  };
}
