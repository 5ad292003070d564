/** Messages: the rows of a session, in the order in which they happened. */
import type { Message, MessageInput, MessagePage, MessagePageOptions } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** Which rows of a session to walk through. */
export type SessionMessagesOptions = Omit<MessagePageOptions, 'cursor' | 'limit'> & {
  /** Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result. */
  pageSize?: number;
};

/** Which rows {@link Messages.list} returns. */
export interface MessageListOptions {
  /** Only rows of this type, for instance `assistant`. */
  messageType?: string | undefined;
  /** Only rows of this agent; `''` means the main conversation only. */
  agentId?: string | undefined;
  /** At most so many; 100,000 when not given. */
  limit?: number | undefined;
  /** Rows to leave out at the beginning; 0 when not given. */
  offset?: number | undefined;
}

/** The messages of a database. Reached as `client.messages`. */
export interface Messages {
  /**
   * One page of a session's rows, oldest first unless `order` says otherwise. An unknown session has an empty page.
   *
   * @param sessionId - The whole id.
   * @param options - Filters, `limit` (1 to 1000, 100 when not given) and the `nextCursor` of the page before.
   *
   * @example
   * ```ts
   * const { items } = client.messages.page(sessionId, { speaker: 'user', limit: 10 });
   * for (const message of items) console.log(message.timestamp, message.content);
   * ```
   */
  page(sessionId: string, options?: MessagePageOptions): MessagePage;

  /**
   * Every row of a session; pages are fetched as they are needed, so a session of any length fits in memory.
   *
   * @param sessionId - The whole id.
   * @param options - Filters, `order`, `withRaw` and `pageSize`.
   *
   * @example
   * ```ts
   * for await (const message of client.messages.of(sessionId, { withRaw: true })) console.log(message.rawJson);
   * ```
   */
  of(sessionId: string, options?: SessionMessagesOptions): AsyncGenerator<Message, void, undefined>;

  /**
   * One row with its `rawJson`, or `null`.
   *
   * @example
   * ```ts
   * console.log(client.messages.get(hit.messageId)?.content);
   * ```
   */
  get(id: string): Message | null;

  /**
   * Rows of a session with their `rawJson`, newest first. For long sessions prefer {@link Messages.of}.
   *
   * @example
   * ```ts
   * const [newest] = client.messages.list(sessionId, { messageType: 'assistant', limit: 1 });
   * ```
   */
  list(sessionId: string, options?: MessageListOptions): Message[];

  /**
   * As {@link Messages.list}, off the JavaScript thread: rows are read on another thread, and objects are made of them a few
   * milliseconds at a time.
   *
   * @example
   * ```ts
   * const all = await client.messages.listAsync(sessionId);
   * ```
   */
  listAsync(sessionId: string, options?: MessageListOptions): Promise<Message[]>;

  /**
   * How many user and assistant rows a session has; 0 when it is unknown.
   *
   * @example
   * ```ts
   * console.log(client.messages.count(sessionId));
   * ```
   */
  count(sessionId: string): number;

  /**
   * How many user and assistant rows each session has, in one call. Every id asked for is present.
   *
   * @example
   * ```ts
   * const counts = client.messages.counts(['a', 'b']); // { a: 12, b: 0 }
   * ```
   */
  counts(sessionIds: string[]): Record<string, number>;

  /**
   * As {@link Messages.counts}, off the JavaScript thread.
   *
   * @example
   * ```ts
   * const counts = await client.messages.countsAsync(ids);
   * ```
   */
  countsAsync(sessionIds: string[]): Promise<Record<string, number>>;

  /**
   * Writes rows of one session, all or none; a row with a known id is changed. Returns how many rows were written.
   *
   * @param sessionId - The session of all rows, whatever they say themselves.
   * @throws HanError `DB_CONSTRAINT` when the session is unknown.
   *
   * @example
   * ```ts
   * client.messages.insert(sessionId, [
   *   { id: crypto.randomUUID(), sessionId, messageType: 'user', content: 'hello', timestamp: new Date().toISOString(), lineNumber: 0 },
   * ]);
   * ```
   */
  insert(sessionId: string, messages: MessageInput[]): number;

  /**
   * As {@link Messages.insert}, off the JavaScript thread.
   *
   * @example
   * ```ts
   * await client.messages.insertAsync(sessionId, messages);
   * ```
   */
  insertAsync(sessionId: string, messages: MessageInput[]): Promise<number>;

  /**
   * The messages with these ids, in the order of the ids; `null` where there is none. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * const found = await client.messages.getMany(ids);
   * ```
   */
  getMany(ids: string[]): Promise<(Message | null)[]>;

  /**
   * As `getMany`, on the calling thread.
   *
   * @example
   * ```ts
   * const found = client.messages.getManySync(ids);
   * ```
   */
  getManySync(ids: string[]): (Message | null)[];
}

/** Makes {@link Messages} over the functions of the addon, for one database. */
export function createMessages(native: Native, dbPath: string): Messages {
  const page = (sessionId: string, options?: MessagePageOptions) =>
    native.listMessagesPage(dbPath, sessionId, options);
  return {
    page,
    of(sessionId, { pageSize, ...filter } = {}) {
      return itemsOf(pageSize, (position) => page(sessionId, { ...filter, ...position }));
    },
    get(id) {
      return native.getMessage(dbPath, id);
    },
    list(sessionId, { messageType, agentId, limit, offset } = {}) {
      return native.listSessionMessages(dbPath, sessionId, messageType, agentId, limit, offset);
    },
    async listAsync(sessionId, { messageType, agentId, limit, offset } = {}) {
      return await native.listSessionMessagesAsync(dbPath, sessionId, messageType, agentId, limit, offset);
    },
    count(sessionId) {
      return native.getMessageCount(dbPath, sessionId);
    },
    counts(sessionIds) {
      return native.getMessageCountsBatch(dbPath, sessionIds);
    },
    async countsAsync(sessionIds) {
      return await native.getMessageCountsBatchAsync(dbPath, sessionIds);
    },
    insert(sessionId, messages) {
      return native.insertMessagesBatch(dbPath, sessionId, messages);
    },
    async insertAsync(sessionId, messages) {
      return await native.insertMessagesBatchAsync(dbPath, sessionId, messages);
    },
    async getMany(ids) {
      return await native.getMessagesBatchAsync(dbPath, ids);
    },
    getManySync(ids) {
      return native.getMessagesBatch(dbPath, ids);
    },
  };
}
