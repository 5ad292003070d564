/** Loads DuckDB, or says how to install it. */
import { Skip } from '../protocol.mjs';

export async function loadDuckDb() {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw new Skip('DuckDB is not installed: run npm ci in bench', error.message);
  }
}

/** A connection to a new database in memory, with DuckDB's defaults: as many threads as there are processors. */
export async function connect() {
  const { DuckDBInstance } = await loadDuckDb();
  const instance = await DuckDBInstance.create(':memory:');
  return instance.connect();
}

/** "DuckDB v1.5.6", or null when it is not installed. */
export async function duckDbVersion() {
  try {
    return `DuckDB ${(await loadDuckDb()).version()}`;
  } catch (error) {
    if (error instanceof Skip) return null;
    throw error;
  }
}
