/** Changes of files: which files a session changed, and when. */
import type {
  FileChangePage,
  FileChangePageOptions,
  SessionFileChange,
  SessionFileChangeInput,
} from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** Which changes of files to walk through. */
export type SessionFileChangesOptions = Omit<FileChangePageOptions, 'cursor' | 'limit'> & {
  /** Changes fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result. */
  pageSize?: number;
};

/** The changes of files in a database. Reached as `client.fileChanges`. */
export interface FileChanges {
  /**
   * One page of a session's changes, newest first. An unknown session has an empty page.
   *
   * @param sessionId - The whole id.
   * @param options - `agentId`, `limit` (1 to 1000, 100 when not given) and the `nextCursor` of the page before.
   *
   * @example
   * ```ts
   * const { items } = client.fileChanges.page(sessionId, { limit: 10 });
   * for (const change of items) console.log(change.recordedAt, change.action, change.filePath);
   * ```
   */
  page(sessionId: string, options?: FileChangePageOptions): FileChangePage;

  /**
   * Every change of a session, newest first; pages are fetched as they are needed.
   *
   * @param sessionId - The whole id.
   * @param options - `agentId` and `pageSize`.
   *
   * @example
   * ```ts
   * for await (const { filePath } of client.fileChanges.of(sessionId)) console.log(filePath);
   * ```
   */
  of(
    sessionId: string,
    options?: SessionFileChangesOptions,
  ): AsyncGenerator<SessionFileChange, void, undefined>;

  /**
   * All changes of a session in one array, newest first. For long sessions prefer {@link FileChanges.of}.
   *
   * @param agentId - Only changes of this agent.
   *
   * @example
   * ```ts
   * const [latest] = client.fileChanges.list(sessionId);
   * ```
   */
  list(sessionId: string, agentId?: string): SessionFileChange[];

  /**
   * Whether a session, or one agent in it, changed any file.
   *
   * @example
   * ```ts
   * if (client.fileChanges.any(sessionId)) runHooks();
   * ```
   */
  any(sessionId: string, agentId?: string): boolean;

  /**
   * Records a change at the time of now.
   *
   * @throws HanError `DB_CONSTRAINT` when the session is unknown.
   *
   * @example
   * ```ts
   * client.fileChanges.record({ sessionId, filePath: '/app/main.ts', action: 'modified', fileHashAfter: hash });
   * ```
   */
  record(input: SessionFileChangeInput): SessionFileChange;

  /**
   * As `record` for many, in one transaction: all are written, or none. Returns what was written in the order of
   * the input. Runs off the JavaScript thread.
   *
   * @throws HanError `DB_CONSTRAINT` when a session is unknown.
   *
   * @example
   * ```ts
   * await client.fileChanges.recordMany(paths.map((filePath) => ({ sessionId, filePath, action: 'created' })));
   * ```
   */
  recordMany(inputs: SessionFileChangeInput[]): Promise<SessionFileChange[]>;

  /**
   * As `recordMany`, on the calling thread.
   *
   * @example
   * ```ts
   * client.fileChanges.recordManySync(paths.map((filePath) => ({ sessionId, filePath, action: 'created' })));
   * ```
   */
  recordManySync(inputs: SessionFileChangeInput[]): SessionFileChange[];
}

/** Makes {@link FileChanges} over the functions of the addon, for one database. */
export function createFileChanges(native: Native, dbPath: string): FileChanges {
  const page = (sessionId: string, options?: FileChangePageOptions) =>
    native.listFileChangesPage(dbPath, sessionId, options);
  return {
    page,
    of(sessionId, { pageSize, ...filter } = {}) {
      return itemsOf(pageSize, (position) => page(sessionId, { ...filter, ...position }));
    },
    list(sessionId, agentId) {
      return native.getSessionFileChanges(dbPath, sessionId, agentId);
    },
    any(sessionId, agentId) {
      return native.hasSessionChanges(dbPath, sessionId, agentId);
    },
    record(input) {
      return native.recordFileChange(dbPath, input);
    },
    async recordMany(inputs) {
      return await native.recordFileChangesAsync(dbPath, inputs);
    },
    recordManySync(inputs) {
      return native.recordFileChanges(dbPath, inputs);
    },
  };
}
