/** Compactions: moments at which a session went on from a summary of what was said. */
import type { Compaction } from '@han/native';
import type { Native } from './native.js';

/** The compactions of sessions in a database. Reached as `client.compactions`. */
export interface Compactions {
  /**
   * The compactions of a session, oldest first.
   *
   * @example
   * ```ts
   * for (const { timestamp, tokensBefore } of client.compactions.list(sessionId)) console.log(timestamp, tokensBefore);
   * ```
   */
  list(sessionId: string): Compaction[];
}

/** Makes {@link Compactions} over the functions of the addon, for one database. */
export function createCompactions(native: Native, dbPath: string): Compactions {
  return {
    list(sessionId) {
      return native.listCompactions(dbPath, sessionId);
    },
  };
}
