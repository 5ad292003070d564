/** One page of a list, found by its number or by a cursor. */

/** A page, as the client returns it. */
interface Page<T> {
  items: T[];
  nextCursor?: string;
  hasMore: boolean;
}

/** Where to begin. */
export interface Where {
  page?: number;
  cursor?: string;
}

/**
 * Fetches a page. A number is reached by walking over the pages before it; a page beyond the last is empty.
 *
 * @param where - The first page when neither is given.
 * @param fetch - Returns the page that begins at `cursor`.
 */
export async function fetchPage<P extends Page<unknown>>(
  { page = 1, cursor }: Where,
  fetch: (position: { cursor?: string }) => P | Promise<P>,
): Promise<P> {
  let found = await fetch(cursor === undefined ? {} : { cursor });
  for (let number = 1; number < page; number += 1) {
    if (found.nextCursor === undefined) {
      return { ...found, items: [] };
    }
    found = await fetch({ cursor: found.nextCursor });
  }
  return found;
}
