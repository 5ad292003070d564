/** The flat functions of the addon. */
import { loadAddon } from './addon.cjs';
import { HanError } from './errors.js';

/** The flat functions of the addon, as `@han/native` exports them. */
export type Native = Omit<typeof import('@han/native'), 'default'>;

/**
 * Directs functions of the addon that take no path to one database: they are called inside of what this returns.
 *
 * @param dbPath - The database.
 */
export function onDatabase(native: Native, dbPath: string): <T>(work: () => T) => T {
  return (work) => native.withDatabase(dbPath, work);
}

/**
 * The functions of the addon, loaded by the first call.
 *
 * @throws HanError `ADDON_NOT_FOUND`, `ADDON_LOAD_FAILED` or `ADDON_VERSION_MISMATCH`.
 */
export function nativeFunctions(): Native {
  try {
    return loadAddon();
  } catch (error) {
    throw HanError.from(error);
  }
}
