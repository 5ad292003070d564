/** One door to three bindings of SQLite: better-sqlite3, node:sqlite and bun:sqlite. */
import { loadDatabase } from '../better-sqlite3/database.mjs';
import { Skip } from '../protocol.mjs';

/** `open(path, readonly)`: a database with `prepare` and `exec`, with the cache of the other suites. */
export async function opener(module) {
  const make = await maker(module);
  return (path, readonly) => {
    const database = make(path, readonly);
    database.exec('PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;');
    return database;
  };
}

async function maker(module) {
  if (module === 'better-sqlite3') {
    const Database = await loadDatabase();
    return (path, readonly) => new Database(path, { readonly });
  }
  try {
    if (module === 'node:sqlite') {
      const { DatabaseSync } = await import('node:sqlite');
      return (path, readOnly) => new DatabaseSync(path, { readOnly });
    }
    const { Database } = await import('bun:sqlite');
    return (path, readonly) => new Database(path, readonly ? { readonly } : {});
  } catch (error) {
    throw new Skip(`there is no ${module} here`, error.message);
  }
}
