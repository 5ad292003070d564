/** Documents that callers keep in stores of their own, for full-text search. */
import type { DocumentStore, FtsDocument, FtsSearchResult } from '@han/native';
import type { Native } from './native.js';

/** How many documents a search returns. */
export interface DocumentSearchOptions {
  /** At most so many; 10 when not given. */
  limit?: number | undefined;
}

/**
 * Documents of a database, in stores. Reached as `client.documents`.
 *
 * A store is made by what is first put into it. Its name is any text of 1 to 512 bytes, dots and quotes included. The
 * vectors of the same store ({@link Vectors}) live beside its documents.
 */
export interface Documents {
  /**
   * Stores documents, each in place of one with its id; returns how many were stored. Of several with one id the last
   * one counts. Runs off the JavaScript thread, in one transaction.
   *
   * @throws HanError `INVALID_ARGUMENT` when the name of the store is empty or too long.
   *
   * @example
   * ```ts
   * await client.documents.index('notes', [{ id: 'n1', content: 'Fixed a flaky test.', metadata: '{"year":2026}' }]);
   * ```
   */
  index(store: string, documents: FtsDocument[]): Promise<number>;

  /**
   * As {@link Documents.index}, on the calling thread.
   *
   * @example
   * ```ts
   * client.documents.indexSync('notes', [{ id: 'n1', content: 'Fixed a flaky test.' }]);
   * ```
   */
  indexSync(store: string, documents: FtsDocument[]): number;

  /**
   * The documents whose content a query finds, best first. The query is written as for `client.search`, without fields;
   * a query without any word finds nothing. Runs off the JavaScript thread.
   *
   * @throws HanError `TABLE_NOT_FOUND` when there is no such store.
   *
   * @example
   * ```ts
   * for (const { id, score } of await client.documents.search('notes', 'flaky OR "race condition"')) console.log(id, score);
   * ```
   */
  search(store: string, query: string, options?: DocumentSearchOptions): Promise<FtsSearchResult[]>;

  /**
   * As {@link Documents.search}, on the calling thread.
   *
   * @example
   * ```ts
   * const [best] = client.documents.searchSync('notes', 'flaky', { limit: 1 });
   * ```
   */
  searchSync(store: string, query: string, options?: DocumentSearchOptions): FtsSearchResult[];

  /**
   * Removes documents, unknown ids aside; returns how many were removed. Runs off the JavaScript thread.
   *
   * @throws HanError `TABLE_NOT_FOUND` when there is no such store.
   *
   * @example
   * ```ts
   * await client.documents.delete('notes', ['n1']);
   * ```
   */
  delete(store: string, ids: string[]): Promise<number>;

  /**
   * As {@link Documents.delete}, on the calling thread.
   *
   * @example
   * ```ts
   * client.documents.deleteSync('notes', ['n1']);
   * ```
   */
  deleteSync(store: string, ids: string[]): number;

  /**
   * Every store of documents and vectors, by name.
   *
   * @example
   * ```ts
   * for (const { name, documents, vectors } of client.documents.stores()) console.log(name, documents, vectors);
   * ```
   */
  stores(): DocumentStore[];

  /**
   * Removes a store with all its documents and vectors; returns how many those were, 0 when there was no such store.
   * Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * await client.documents.drop('notes');
   * ```
   */
  drop(store: string): Promise<number>;

  /**
   * As {@link Documents.drop}, on the calling thread.
   *
   * @example
   * ```ts
   * client.documents.dropSync('notes');
   * ```
   */
  dropSync(store: string): number;
}

/** Makes {@link Documents} over the functions of the addon, for one database. */
export function createDocuments(native: Native, dbPath: string): Documents {
  return {
    // `async`, so that a mistake in the arguments is a rejection and not a throw.
    async index(store, documents) {
      return await native.ftsIndexAsync(dbPath, store, documents);
    },
    indexSync(store, documents) {
      return native.ftsIndex(dbPath, store, documents);
    },
    async search(store, query, { limit } = {}) {
      return await native.ftsSearchAsync(dbPath, store, query, limit);
    },
    searchSync(store, query, { limit } = {}) {
      return native.ftsSearch(dbPath, store, query, limit);
    },
    async delete(store, ids) {
      return await native.ftsDeleteAsync(dbPath, store, ids);
    },
    deleteSync(store, ids) {
      return native.ftsDelete(dbPath, store, ids);
    },
    stores() {
      return native.listDocumentStores(dbPath);
    },
    async drop(store) {
      return await native.dropDocumentStoreAsync(dbPath, store);
    },
    dropSync(store) {
      return native.dropDocumentStore(dbPath, store);
    },
  };
}
