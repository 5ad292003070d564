/** Full-text search over everything that was said. */
import type { Message, SearchHit, SearchOptions, SearchPage } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';
import { type TimeRange, withTexts } from './times.js';

/** Where to search, and in what order the hits come. */
export type SearchFilter = Omit<SearchOptions, keyof TimeRange> & TimeRange;

/** Where to search when walking through all hits. */
export type SearchQueryOptions = Omit<SearchFilter, 'cursor' | 'limit'> & {
  /** Hits fetched at a time, 1 to 1000; 20 when not given. Changes the cost, not the result. */
  pageSize?: number;
};

/**
 * The search of a database. Reached as `client.search`.
 *
 * A query takes words (all must occur), `"phrases"`, `prefix*`, `AND`, `OR`, `NOT` and parentheses. What is not well
 * formed is searched for literally: no text that a person types is an error. A query without any word finds nothing.
 */
export interface Search {
  /**
   * One page of hits, best first unless `order` is `newest`. Runs off the JavaScript thread.
   *
   * @param query - The query text.
   * @param options - Filters, `limit` (1 to 1000, 20 when not given) and the `nextCursor` of the page before.
   *
   * @example
   * ```ts
   * const { items } = await client.search.page('"connection pool" timeout', { speaker: 'user' });
   * for (const hit of items) console.log(hit.sessionId, hit.snippet);
   * ```
   */
  page(query: string, options?: SearchFilter): Promise<SearchPage>;

  /**
   * As {@link Search.page}, on the calling thread: quicker for one rare word, but it holds up the event loop.
   *
   * @example
   * ```ts
   * const { items } = client.search.pageSync('getUserName', { limit: 5 });
   * ```
   */
  pageSync(query: string, options?: SearchFilter): SearchPage;

  /**
   * Every hit; pages are fetched as they are needed. Stop the loop when you have enough.
   *
   * @param query - The query text.
   * @param options - Filters, `order` and `pageSize`.
   *
   * @example
   * ```ts
   * for await (const hit of client.search.query('migration', { since: new Date('2026-11-01') })) console.log(hit.snippet);
   * ```
   */
  query(query: string, options?: SearchQueryOptions): AsyncGenerator<SearchHit, void, undefined>;

  /**
   * Whole message rows that match, newest first.
   *
   * @param options - `sessionId`: only this session. `limit`: at most so many, 50 when not given.
   *
   * @example
   * ```ts
   * const rows = client.search.messages('deadlock', { limit: 5 });
   * ```
   */
  messages(
    query: string,
    options?: { sessionId?: string | undefined; limit?: number | undefined },
  ): Message[];

  /**
   * As {@link Search.messages}, off the JavaScript thread.
   *
   * @example
   * ```ts
   * const rows = await client.search.messagesAsync('deadlock', { limit: 1000 });
   * ```
   */
  messagesAsync(
    query: string,
    options?: { sessionId?: string | undefined; limit?: number | undefined },
  ): Promise<Message[]>;
}

/** Makes {@link Search} over the functions of the addon, for one database. */
export function createSearch(native: Native, dbPath: string): Search {
  // `async`, so that a mistake in the options is a rejection and not a throw.
  const page = async (query: string, options: SearchFilter = {}) =>
    await native.searchTranscriptsAsync(dbPath, query, withTexts(options));
  return {
    page,
    pageSync(query, options = {}) {
      return native.searchTranscripts(dbPath, query, withTexts(options));
    },
    query(query, { pageSize, ...filter } = {}) {
      return itemsOf(pageSize, (position) => page(query, { ...filter, ...position }));
    },
    messages(query, { sessionId, limit } = {}) {
      return native.searchMessages(dbPath, query, sessionId, limit);
    },
    async messagesAsync(query, { sessionId, limit } = {}) {
      return await native.searchMessagesAsync(dbPath, query, sessionId, limit);
    },
  };
}
