/** The flat functions of the addon. */
import { loadAddon } from './addon.cjs';
import { HanError } from './errors.js';

/** The flat functions of the addon, as `@han/native` exports them. */
export type Native = Omit<typeof import('@han/native'), 'default'>;

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
