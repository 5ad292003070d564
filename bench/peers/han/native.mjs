/** Loads the addon under test from the path of its package, or says that it is not there. */
import { createRequire } from 'node:module';
import { Skip } from '../protocol.mjs';

/** The flat functions of the addon; every one of `names` must be among them. */
export function loadNative(packagePath, names) {
  let native;
  try {
    native = createRequire(import.meta.url)(packagePath);
  } catch (error) {
    throw new Skip('the addon does not load, or is not built yet', error.message);
  }
  const missing = names.filter((name) => typeof native[name] !== 'function');
  if (missing.length > 0) throw new Skip(`the addon has no ${missing.join(', ')}`);
  return native;
}
