/** Loads better-sqlite3, or says how to install it. */
import { Skip } from '../protocol.mjs';

export async function loadDatabase() {
  try {
    return (await import('better-sqlite3')).default;
  } catch (error) {
    throw new Skip('better-sqlite3 is not installed: run npm ci in bench', error.message);
  }
}
