/** Vectors that callers keep in stores of their own, for search by similarity. */
import type { VectorDocument, VectorOptions, VectorSearchResult } from '@han/native';
import type { Native } from './native.js';

/** How many vectors a search returns, and of which model they must be. */
export interface VectorSearchOptions extends VectorOptions {
  /** At most so many; 10 when not given. */
  limit?: number | undefined;
}

/**
 * Vectors of a database, in stores. Reached as `client.vectors`.
 *
 * All vectors of a store have one dimension. A store also keeps the id of the model that made them, when its first
 * vectors are indexed with one: a call that names another model fails then instead of comparing what cannot be compared.
 */
export interface Vectors {
  /**
   * Stores vectors, each in place of one with its id; returns how many were stored. Of several with one id the last one
   * counts. Runs off the JavaScript thread, in one transaction.
   *
   * @param options - `modelId`: the model that made the vectors.
   * @throws HanError `VECTOR_DIMENSION_MISMATCH`, `VECTOR_MODEL_MISMATCH`; `INVALID_ARGUMENT` when a vector is empty or
   *   a number not finite. Nothing is stored then.
   *
   * @example
   * ```ts
   * const vector = await embed('Fixed a flaky test.');
   * await client.vectors.index('notes', [{ id: 'n1', content: 'Fixed a flaky test.', vector }], { modelId: 'small-1' });
   * ```
   */
  index(store: string, documents: VectorDocument[], options?: VectorOptions): Promise<number>;

  /**
   * The vectors that are most similar in direction: best first, those of equal score by id. `score` is the cosine
   * similarity, from -1 to 1. Every vector of the store is compared. Runs off the JavaScript thread.
   *
   * @throws HanError `TABLE_NOT_FOUND` when there is no such store; `VECTOR_DIMENSION_MISMATCH`,
   *   `VECTOR_MODEL_MISMATCH`, `INVALID_ARGUMENT`.
   *
   * @example
   * ```ts
   * const similar = await client.vectors.search('notes', await embed('flaky'), { limit: 5, modelId: 'small-1' });
   * ```
   */
  search(
    store: string,
    queryVector: number[] | Float32Array,
    options?: VectorSearchOptions,
  ): Promise<VectorSearchResult[]>;

  /**
   * Removes vectors, unknown ids aside; returns how many were removed. A store that has lost its last one takes any
   * dimension and model again. Runs off the JavaScript thread.
   *
   * @throws HanError `TABLE_NOT_FOUND` when there is no such store.
   *
   * @example
   * ```ts
   * await client.vectors.delete('notes', ['n1']);
   * ```
   */
  delete(store: string, ids: string[]): Promise<number>;
}

/**
 * The document with its numbers as floats, which the addon takes over at once; an array it would read number by number.
 * What no float can hold stays as it is, for the addon to refuse.
 */
function withFloats(document: VectorDocument): VectorDocument {
  const vector = document?.vector;
  const fits = Array.isArray(vector) && vector.every(isFloat);
  if (!fits) return document;
  const { id, content, metadata } = document;
  return { id, content, metadata, vector: new Float32Array(vector) };
}

/** Whether a value is a number that a float can hold. */
function isFloat(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(Math.fround(value));
}

/** Makes {@link Vectors} over the functions of the addon, for one database. */
export function createVectors(native: Native, dbPath: string): Vectors {
  return {
    // `async`, so that a mistake in the arguments is a rejection and not a throw.
    async index(store, documents, options) {
      return await native.vectorIndexAsync(dbPath, store, documents.map(withFloats), options);
    },
    async search(store, queryVector, { limit, ...options } = {}) {
      return await native.vectorSearchAsync(dbPath, store, queryVector, limit, options);
    },
    async delete(store, ids) {
      return await native.vectorDeleteAsync(dbPath, store, ids);
    },
  };
}
