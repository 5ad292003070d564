/** The token ledger: which line of which file books a number. */
import type { BookedReply, BookedReplyPage, PageOptions } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** What {@link Replies.all} takes. */
export interface AllRepliesOptions {
  /** Replies fetched at a time, 1 to 1000; default 100. */
  pageSize?: number;
}

/** The replies of models that a database has booked, each once. Reached as `client.replies`. */
export interface Replies {
  /**
   * How the replies with this id of the model (`message.id` of a transcript) were booked: the file, the place of the line
   * and the rule. One, unless several requests gave replies the same id; none for an unknown id.
   *
   * @example
   * ```ts
   * for (const { filePath, byteOffset, ruleMeaning } of client.replies.provenance('msg_01AbC')) {
   *   console.log(filePath, byteOffset, ruleMeaning);
   * }
   * ```
   */
  provenance(messageId: string): BookedReply[];

  /**
   * A page of the replies that a session counts, oldest first.
   *
   * @example
   * ```ts
   * const { items, nextCursor } = client.replies.page(sessionId, { limit: 20 });
   * ```
   */
  page(sessionId: string, options?: PageOptions): BookedReplyPage;

  /**
   * Every reply that a session counts, oldest first; pages are fetched as they are needed.
   *
   * @example
   * ```ts
   * for await (const { model, outputTokens } of client.replies.all(sessionId)) console.log(model, outputTokens);
   * ```
   */
  all(sessionId: string, options?: AllRepliesOptions): AsyncGenerator<BookedReply, void, undefined>;
}

/** Makes {@link Replies} over the functions of the addon, for one database. */
export function createReplies(native: Native, dbPath: string): Replies {
  const page = (sessionId: string, options?: PageOptions) =>
    native.listRepliesPage(dbPath, sessionId, options);
  return {
    provenance(messageId) {
      return native.getReplyProvenance(dbPath, messageId);
    },
    page,
    all(sessionId, { pageSize } = {}) {
      return itemsOf(pageSize, (position) => page(sessionId, position));
    },
  };
}
