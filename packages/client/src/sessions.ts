/** Sessions: one run of a coding agent, told by one or more transcript files. */
import type {
  Session,
  SessionInput,
  SessionOverview,
  SessionPage,
  SessionPageOptions,
  SessionTimestamps,
} from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';
import { type TimeRange, withTexts } from './times.js';

/** Which sessions a page holds. */
export type SessionFilter = Omit<SessionPageOptions, keyof TimeRange> & TimeRange;

/** Which sessions to walk through. */
export type AllSessionsOptions = Omit<SessionFilter, 'cursor' | 'limit'> & {
  /** Sessions fetched at a time, 1 to 1000; 50 when not given. Changes the cost, not the result. */
  pageSize?: number;
};

/** Which sessions {@link Sessions.list} returns. */
export interface SessionListOptions {
  /** Only sessions of the project with this id. */
  projectId?: string | undefined;
  /** Only sessions with this status: `active` or `completed`. */
  status?: string | undefined;
  /** At most so many; 100 when not given. */
  limit?: number | undefined;
}

/** The sessions of a database. Reached as `client.sessions`. */
export interface Sessions {
  /**
   * One page of sessions with their totals, newest activity first.
   *
   * @param options - Filters, `limit` (1 to 1000, 50 when not given) and the `nextCursor` of the page before.
   *
   * @example
   * ```ts
   * const { items, nextCursor } = client.sessions.page({ limit: 10 });
   * for (const session of items) console.log(session.id, session.title, session.messageCount);
   * ```
   */
  page(options?: SessionFilter): SessionPage;

  /**
   * As {@link Sessions.page}, off the JavaScript thread.
   *
   * @example
   * ```ts
   * const { items } = await client.sessions.pageAsync({ limit: 1000 });
   * ```
   */
  pageAsync(options?: SessionFilter): Promise<SessionPage>;

  /**
   * Every session, newest activity first; pages are fetched as they are needed.
   *
   * @param options - Filters, and `pageSize`.
   *
   * @example
   * ```ts
   * for await (const session of client.sessions.all({ project: 'my-app' })) console.log(session.id);
   * ```
   */
  all(options?: AllSessionsOptions): AsyncGenerator<SessionOverview, void, undefined>;

  /**
   * One session with its totals, or `null` when no session has this id.
   *
   * @param id - The whole id.
   *
   * @example
   * ```ts
   * const overview = client.sessions.overview(id);
   * console.log(overview?.outputTokens);
   * ```
   */
  overview(id: string): SessionOverview | null;

  /**
   * The ids of sessions that begin with `idPrefix`.
   *
   * @param idPrefix - The beginning of an id.
   * @param limit - At most so many.
   *
   * @example
   * ```ts
   * const [id, another] = client.sessions.find('4f2a', 2);
   * if (id !== undefined && another === undefined) console.log(client.sessions.overview(id));
   * ```
   */
  find(idPrefix: string, limit?: number): string[];

  /**
   * The stored row of one session, or `null`.
   *
   * @param id - The whole id.
   *
   * @example
   * ```ts
   * console.log(client.sessions.get(id)?.transcriptPath);
   * ```
   */
  get(id: string): Session | null;

  /**
   * Stored rows of sessions, newest message first, sessions without messages last.
   *
   * @param options - Filters and `limit`.
   *
   * @example
   * ```ts
   * client.sessions.list({ status: 'active', limit: 20 });
   * ```
   */
  list(options?: SessionListOptions): Session[];

  /**
   * As {@link Sessions.list}, off the JavaScript thread.
   *
   * @example
   * ```ts
   * const sessions = await client.sessions.listAsync({ limit: 10_000 });
   * ```
   */
  listAsync(options?: SessionListOptions): Promise<Session[]>;

  /**
   * Creates a session or changes it. Fields that are absent keep their value, except `status`, which becomes `active`.
   *
   * @throws HanError `DB_CONSTRAINT` when `projectId` is unknown.
   *
   * @example
   * ```ts
   * client.sessions.upsert({ id: crypto.randomUUID(), status: 'active' });
   * ```
   */
  upsert(input: SessionInput): Session;

  /**
   * Marks a session as completed. Always `true`, also for an unknown id.
   *
   * @example
   * ```ts
   * client.sessions.end(id);
   * ```
   */
  end(id: string): boolean;

  /**
   * When the first and the last row of each session happened. Every id asked for is present; `startedAt` and
   * `endedAt` are absent for a session without rows.
   *
   * @example
   * ```ts
   * const { [id]: times } = client.sessions.timestamps([id]);
   * console.log(times?.startedAt);
   * ```
   */
  timestamps(ids: string[]): Record<string, SessionTimestamps>;

  /**
   * As {@link Sessions.timestamps}, off the JavaScript thread.
   *
   * @example
   * ```ts
   * const times = await client.sessions.timestampsAsync(ids);
   * ```
   */
  timestampsAsync(ids: string[]): Promise<Record<string, SessionTimestamps>>;

  /**
   * The number of the last indexed line of a session's transcript, counted from 0; 0 when the session is unknown.
   *
   * @example
   * ```ts
   * console.log(client.sessions.lastIndexedLine(id));
   * ```
   */
  lastIndexedLine(id: string): number;

  /**
   * As `upsert` for many, in one transaction: all are written, or none. Returns what was written in the order of
   * the input. Runs off the JavaScript thread.
   *
   * @throws HanError `DB_CONSTRAINT` when a `projectId` is unknown.
   *
   * @example
   * ```ts
   * await client.sessions.upsertMany(ids.map((id) => ({ id })));
   * ```
   */
  upsertMany(inputs: SessionInput[]): Promise<Session[]>;

  /**
   * As `upsertMany`, on the calling thread.
   *
   * @example
   * ```ts
   * client.sessions.upsertManySync(ids.map((id) => ({ id })));
   * ```
   */
  upsertManySync(inputs: SessionInput[]): Session[];

  /**
   * The sessions with these ids, in the order of the ids; `null` where there is none. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * const found = await client.sessions.getMany(ids);
   * ```
   */
  getMany(ids: string[]): Promise<(Session | null)[]>;

  /**
   * As `getMany`, on the calling thread.
   *
   * @example
   * ```ts
   * const found = client.sessions.getManySync(ids);
   * ```
   */
  getManySync(ids: string[]): (Session | null)[];
}

/** Makes {@link Sessions} over the functions of the addon, for one database. */
export function createSessions(native: Native, dbPath: string): Sessions {
  const page = (options: SessionFilter = {}) => native.listSessionsPage(dbPath, withTexts(options));
  return {
    page,
    async pageAsync(options = {}) {
      return await native.listSessionsPageAsync(dbPath, withTexts(options));
    },
    all({ pageSize, ...filter } = {}) {
      return itemsOf(pageSize, (position) => page({ ...filter, ...position }));
    },
    overview(id) {
      return native.getSessionOverview(dbPath, id);
    },
    find(idPrefix, limit) {
      return native.findSessions(dbPath, idPrefix, limit);
    },
    get(id) {
      return native.getSession(dbPath, id);
    },
    list({ projectId, status, limit } = {}) {
      return native.listSessions(dbPath, projectId, status, limit);
    },
    async listAsync({ projectId, status, limit } = {}) {
      return await native.listSessionsAsync(dbPath, projectId, status, limit);
    },
    upsert(input) {
      return native.upsertSession(dbPath, input);
    },
    end(id) {
      return native.endSession(dbPath, id);
    },
    timestamps(ids) {
      return native.getSessionTimestampsBatch(dbPath, ids);
    },
    async timestampsAsync(ids) {
      return await native.getSessionTimestampsBatchAsync(dbPath, ids);
    },
    lastIndexedLine(id) {
      return native.getLastIndexedLine(dbPath, id);
    },
    async upsertMany(inputs) {
      return await native.upsertSessionsAsync(dbPath, inputs);
    },
    upsertManySync(inputs) {
      return native.upsertSessions(dbPath, inputs);
    },
    async getMany(ids) {
      return await native.getSessionsBatchAsync(dbPath, ids);
    },
    getManySync(ids) {
      return native.getSessionsBatch(dbPath, ids);
    },
  };
}
