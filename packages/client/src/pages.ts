/** Walking through the pages of a list. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** One page of a list that can grow. */
interface Page<T> {
  items: T[];
  nextCursor?: string;
}

/** Which page to fetch; an absent `cursor` means the first. */
interface Position {
  cursor?: string;
  limit?: number;
}

/**
 * Yields every item of every page, fetching a page when the one before is used up. Between pages the event loop gets
 * a turn, so that a long walk does not hold up a server.
 *
 * @param pageSize - Items fetched at a time; the default of the list when `undefined`.
 * @param fetch - Returns the page at a position.
 */
export async function* itemsOf<T>(
  pageSize: number | undefined,
  fetch: (position: Position) => Page<T> | Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  const size = pageSize === undefined ? {} : { limit: pageSize };
  let page = await fetch(size);
  for (;;) {
    for (const item of page.items) {
      yield item;
    }
    if (page.nextCursor === undefined) {
      return;
    }
    await nextTurn();
    page = await fetch({ ...size, cursor: page.nextCursor });
  }
}
