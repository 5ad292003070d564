/** Summaries of sessions that a model wrote, one per session. */
import type {
  GeneratedSessionSummary,
  GeneratedSessionSummaryInput,
  GeneratedSummaryPage,
  GeneratedSummaryPageOptions,
  PageOptions,
  SessionIdPage,
} from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/**
 * The generated summaries of a database. Reached as `client.generatedSummaries`.
 *
 * A query is written as for `client.search`, without fields, and looks at text and topics.
 */
export interface GeneratedSummaries {
  /**
   * The summary of a session, or `null`.
   *
   * @example
   * ```ts
   * console.log(client.generatedSummaries.get(sessionId)?.summaryText);
   * ```
   */
  get(sessionId: string): GeneratedSessionSummary | null;

  /**
   * Writes the summary of a session, in place of the one it had: what is absent is erased.
   *
   * @throws HanError `DB_CONSTRAINT` when the session is unknown.
   *
   * @example
   * ```ts
   * client.generatedSummaries.upsert({ sessionId, summaryText: 'Fixed a flaky test.', topics: ['tests'] });
   * ```
   */
  upsert(input: GeneratedSessionSummaryInput): GeneratedSessionSummary;

  /**
   * One page of the summaries that a query finds, the one that was created last first. Runs off the JavaScript thread.
   *
   * @param options - `limit` (1 to 1000, 20 when not given) and the `nextCursor` of the page before.
   *
   * @example
   * ```ts
   * const { items } = await client.generatedSummaries.searchPage('flaky OR "race condition"');
   * ```
   */
  searchPage(query: string, options?: GeneratedSummaryPageOptions): Promise<GeneratedSummaryPage>;

  /**
   * As {@link GeneratedSummaries.searchPage}, on the calling thread.
   *
   * @example
   * ```ts
   * const { items } = client.generatedSummaries.searchPageSync('databases', { limit: 5 });
   * ```
   */
  searchPageSync(query: string, options?: GeneratedSummaryPageOptions): GeneratedSummaryPage;

  /**
   * Every summary that a query finds; pages are fetched as they are needed.
   *
   * @param pageSize - Summaries fetched at a time, 1 to 1000; 20 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const { sessionId } of client.generatedSummaries.query('migration')) console.log(sessionId);
   * ```
   */
  query(query: string, pageSize?: number): AsyncGenerator<GeneratedSessionSummary, void, undefined>;

  /**
   * Ids of the sessions that have no summary, newest message first, those without a message last.
   *
   * @param limit - At most so many; 100 when not given.
   *
   * @example
   * ```ts
   * for (const sessionId of client.generatedSummaries.missing(10)) await summarise(sessionId);
   * ```
   */
  missing(limit?: number): string[];

  /**
   * One page of the ids that `missing` lists.
   *
   * @example
   * ```ts
   * const { items } = client.generatedSummaries.missingPage({ limit: 20 });
   * ```
   */
  missingPage(options?: PageOptions): SessionIdPage;

  /**
   * The id of every session that has no summary; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const sessionId of client.generatedSummaries.allMissing()) await summarise(sessionId);
   * ```
   */
  allMissing(pageSize?: number): AsyncGenerator<string, void, undefined>;
}

/** Makes {@link GeneratedSummaries} over the functions of the addon, for one database. */
export function createGeneratedSummaries(native: Native, dbPath: string): GeneratedSummaries {
  const searchPage = async (query: string, options?: GeneratedSummaryPageOptions) =>
    await native.searchGeneratedSummariesPageAsync(dbPath, query, options);
  const missingPage = (options?: PageOptions) => native.listSessionsWithoutSummariesPage(dbPath, options);
  return {
    get(sessionId) {
      return native.getGeneratedSummary(dbPath, sessionId);
    },
    upsert(input) {
      return native.upsertGeneratedSummary(dbPath, input);
    },
    searchPage,
    searchPageSync(query, options) {
      return native.searchGeneratedSummariesPage(dbPath, query, options);
    },
    query(query, pageSize) {
      return itemsOf(pageSize, (position) => searchPage(query, position));
    },
    missing(limit) {
      return native.listSessionsWithoutSummaries(dbPath, limit);
    },
    missingPage,
    allMissing(pageSize) {
      return itemsOf(pageSize, missingPage);
    },
  };
}
