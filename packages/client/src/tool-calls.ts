/** Calls of tools, with their results. They come from transcripts, through the indexer. */
import type { ToolCall, ToolCallPage, ToolCallPageOptions } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** What {@link ToolCalls.all} takes. */
export interface AllToolCallsOptions extends Omit<ToolCallPageOptions, 'cursor' | 'limit'> {
  /** Calls fetched at a time, 1 to 1000; default 100. */
  pageSize?: number;
}

/** The calls of tools of a database. Reached as `client.toolCalls`. */
export interface ToolCalls {
  /**
   * The call with this id, with its input and result, or `null`.
   *
   * @example
   * ```ts
   * console.log(client.toolCalls.get('toolu_01AbC')?.input);
   * ```
   */
  get(id: string): ToolCall | null;

  /**
   * A page of calls, newest first.
   *
   * @example
   * ```ts
   * const failed = client.toolCalls.page({ name: 'Bash', isError: true, limit: 20 });
   * ```
   */
  page(options?: ToolCallPageOptions): ToolCallPage;

  /**
   * Every call, newest first; pages are fetched as they are needed.
   *
   * @example
   * ```ts
   * for await (const call of client.toolCalls.all({ sessionId })) console.log(call.name, call.durationMs);
   * ```
   */
  all(options?: AllToolCallsOptions): AsyncGenerator<ToolCall, void, undefined>;
}

/** Makes {@link ToolCalls} over the functions of the addon, for one database. */
export function createToolCalls(native: Native, dbPath: string): ToolCalls {
  const page = (options?: ToolCallPageOptions) => native.listToolCallsPage(dbPath, options);
  return {
    get(id) {
      return native.getToolCall(dbPath, id);
    },
    page,
    all({ pageSize, ...filter } = {}) {
      return itemsOf(pageSize, (position) => page({ ...filter, ...position }));
    },
  };
}
