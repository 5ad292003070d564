/** Files of JSON lines: counting, pages, indexes, filters, loops. */
import type {
  FilterResult,
  JsonlFilter,
  JsonlIndex,
  JsonlIndexReport,
  JsonlLine,
  JsonlStats,
  JsonlTail,
  PaginatedResult,
} from '@han/native';
import { type JsonlRunOptions, runJob } from './jsonl-job.js';
import { batchesOf, type JsonlLines, LineLoop, LineSource } from './jsonl-lines.js';
import type { Native } from './native.js';
import { type Moment, textOf } from './times.js';

/** Which page of a file. */
export interface JsonlPageOptions {
  /** The number of the line to begin at; 0 when not given. */
  offset?: number | undefined;
  /** Lines at most; 100 when not given. */
  limit?: number | undefined;
}

/** Which of the last lines of a file. */
export interface JsonlTailOptions {
  /** Lines at most; 10 when not given. */
  limit?: number | undefined;
  /** Only lines that begin before this byte offset: the `byteOffset` of the last line of the answer before. */
  beforeOffset?: number | undefined;
}

/** How a search is watched, ended and limited. */
export interface JsonlFilterOptions extends JsonlRunOptions {
  /** Lines to give at most; all when not given. `matchedCount` counts beyond it. */
  limit?: number | undefined;
}

/** From when to when, by a field of each line. */
export interface JsonlTimeRange {
  /** The path of the field that holds the time, for instance `timestamp`. */
  field: string;
  /** The first moment that belongs to the range. */
  start: Moment;
  /** The last moment that belongs to the range. */
  end: Moment;
}

/** Which lines of the standard input a loop gives. */
export interface JsonlStdinOptions {
  /** Ends the loop with code `CANCELLED` when it is aborted. */
  signal?: AbortSignal | undefined;
  /** Lines fetched at a time, 1 to 100,000; 1000 when not given. Changes the cost, not the result. */
  batchSize?: number | undefined;
  /** Only lines for which all conditions hold. */
  filters?: JsonlFilter[] | undefined;
  /** Blank lines too; `false` when not given. */
  withBlank?: boolean | undefined;
}

/** Which lines of a file a loop gives. */
export interface JsonlLinesOptions extends JsonlStdinOptions {
  /** The byte offset to begin at, which must be the start of a line; 0 when not given. */
  startOffset?: number | undefined;
  /** The number of the line at `startOffset`; 0 when not given. */
  startLine?: number | undefined;
  /**
   * Does not end with the file but waits for more lines, until the loop is left or the `signal` is aborted. A file that
   * is truncated or replaced is read from its new head; a last line without a newline is waited for.
   */
  follow?: boolean | undefined;
}

/**
 * Files of JSON lines, of any size and while others write to them. Reached as `HanClient.jsonl`, which needs no database,
 * and as `client.jsonl`.
 *
 * Line numbers count from 0, blank lines included; byte offsets are those of a line's first byte. `content` is the line
 * without its newline (a carriage return stays) and without the byte order mark of a file; bytes that are no UTF-8
 * become U+FFFD. A line of more than 64 MiB is given cut, and `omittedBytes` says how much is missing. A line is blank
 * when it has only ASCII white space.
 *
 * What cannot be read fails with a `HanError`: `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `NOT_A_FILE`, `FILE_CHANGED` (it
 * became shorter while it was read: call again), `IO_FAILED`. Numbers that are no place in a file are `INVALID_ARGUMENT`.
 */
export interface Jsonl {
  /**
   * How many lines a file has; an unterminated last one counts.
   *
   * @throws HanError (as a rejection) `CANCELLED` when the signal is aborted.
   *
   * @example
   * ```ts
   * const lines = await HanClient.jsonl.countLines('events.jsonl', { signal: AbortSignal.timeout(5000) });
   * ```
   */
  countLines(filePath: string, options?: JsonlRunOptions): Promise<number>;

  /**
   * As {@link Jsonl.countLines}, on the calling thread.
   *
   * @example
   * ```ts
   * const lines = HanClient.jsonl.countLinesSync('events.jsonl');
   * ```
   */
  countLinesSync(filePath: string): number;

  /**
   * How many lines and bytes a file has, and whether an index was saved for it.
   *
   * @example
   * ```ts
   * const { lineCount, hasIndex, indexStale } = await HanClient.jsonl.stats('events.jsonl');
   * ```
   */
  stats(filePath: string): Promise<JsonlStats>;

  /**
   * As {@link Jsonl.stats}, on the calling thread.
   *
   * @example
   * ```ts
   * console.log(HanClient.jsonl.statsSync('events.jsonl').fileSize);
   * ```
   */
  statsSync(filePath: string): JsonlStats;

  /**
   * A page of lines that are not blank. The first page of a file costs one reading of it, unless an index was saved;
   * the others cost what they return. A page ends early, with `hasMore`, when its lines hold more than 64 MiB.
   *
   * @example
   * ```ts
   * const { lines, nextOffset, hasMore } = await HanClient.jsonl.readPage('events.jsonl', { offset: 5000, limit: 50 });
   * ```
   */
  readPage(filePath: string, page?: JsonlPageOptions): Promise<PaginatedResult>;

  /**
   * As {@link Jsonl.readPage}, on the calling thread.
   *
   * @example
   * ```ts
   * const { lines } = HanClient.jsonl.readPageSync('events.jsonl', { limit: 1 });
   * ```
   */
  readPageSync(filePath: string, page?: JsonlPageOptions): PaginatedResult;

  /**
   * The last lines that are not blank, the last one first, with their numbers.
   *
   * @param limit - Lines at most; 10 when not given.
   *
   * @example
   * ```ts
   * const [last] = await HanClient.jsonl.readReverse('events.jsonl', 1);
   * ```
   */
  readReverse(filePath: string, limit?: number): Promise<JsonlLine[]>;

  /**
   * As {@link Jsonl.readReverse}, on the calling thread.
   *
   * @example
   * ```ts
   * const lines = HanClient.jsonl.readReverseSync('events.jsonl', 20);
   * ```
   */
  readReverseSync(filePath: string, limit?: number): JsonlLine[];

  /**
   * The last lines that are not blank, the last one first, without their numbers: reads no more than it returns,
   * whatever the size of the file, so it answers at once.
   *
   * @example
   * ```ts
   * const { lines, hasMore } = HanClient.jsonl.readTail('events.jsonl', { limit: 100 });
   * const before = HanClient.jsonl.readTail('events.jsonl', { limit: 100, beforeOffset: lines.at(-1)?.byteOffset });
   * ```
   */
  readTail(filePath: string, options?: JsonlTailOptions): JsonlTail;

  /**
   * Lines by their numbers, in the asked order. Numbers that the file does not have are left out; blank lines are given.
   *
   * @example
   * ```ts
   * const lines = await HanClient.jsonl.readLines('events.jsonl', [120_000, 7]);
   * ```
   */
  readLines(filePath: string, lineNumbers: number[]): Promise<JsonlLine[]>;

  /**
   * As {@link Jsonl.readLines}, on the calling thread.
   *
   * @example
   * ```ts
   * const [first] = HanClient.jsonl.readLinesSync('events.jsonl', [0]);
   * ```
   */
  readLinesSync(filePath: string, lineNumbers: number[]): JsonlLine[];

  /**
   * Where every line of a file begins, as an array. Prefer {@link Jsonl.updateIndex}, which keeps a small index beside
   * the file that all other methods use, unless you need the offsets themselves.
   *
   * @throws HanError (as a rejection) `CANCELLED` when the signal is aborted.
   *
   * @example
   * ```ts
   * const { lineOffsets } = await HanClient.jsonl.buildIndex('events.jsonl');
   * ```
   */
  buildIndex(filePath: string, options?: JsonlRunOptions): Promise<JsonlIndex>;

  /**
   * As {@link Jsonl.buildIndex}, on the calling thread.
   *
   * @example
   * ```ts
   * const index = HanClient.jsonl.buildIndexSync('events.jsonl');
   * ```
   */
  buildIndexSync(filePath: string): JsonlIndex;

  /**
   * Saves the index of the file `index.filePath`, made from the file itself, on the calling thread.
   *
   * @example
   * ```ts
   * HanClient.jsonl.saveIndex(index);
   * ```
   */
  saveIndex(index: JsonlIndex): void;

  /**
   * Where every line of a file begins, when an index was saved for it. `null` when there is none, or when the file was
   * rewritten since; when the file only grew, the new lines are there too.
   *
   * @throws HanError (as a rejection) `INDEX_DAMAGED` when the index is cut short or damaged.
   *
   * @example
   * ```ts
   * const index = (await HanClient.jsonl.loadIndex('events.jsonl')) ?? (await HanClient.jsonl.buildIndex('events.jsonl'));
   * ```
   */
  loadIndex(filePath: string): Promise<JsonlIndex | null>;

  /**
   * As {@link Jsonl.loadIndex}, on the calling thread.
   *
   * @example
   * ```ts
   * const index = HanClient.jsonl.loadIndexSync('events.jsonl');
   * ```
   */
  loadIndexSync(filePath: string): JsonlIndex | null;

  /**
   * Saves an index of a file, or brings the saved one up to date, reading only what is new. Of use to the first page of a
   * file in each process. When it is cancelled, nothing is written.
   *
   * @throws HanError (as a rejection) `CANCELLED` when the signal is aborted.
   *
   * @example
   * ```ts
   * const { change, lineCount, indexPath } = await HanClient.jsonl.updateIndex('events.jsonl');
   * ```
   */
  updateIndex(filePath: string, options?: JsonlRunOptions): Promise<JsonlIndexReport>;

  /**
   * As {@link Jsonl.updateIndex}, on the calling thread.
   *
   * @example
   * ```ts
   * const { change } = HanClient.jsonl.updateIndexSync('events.jsonl');
   * ```
   */
  updateIndexSync(filePath: string): JsonlIndexReport;

  /**
   * Lines by their numbers, in the asked order, by an index that you hold. Numbers that it does not have are left out;
   * blank lines are given.
   *
   * @throws HanError (as a rejection) `INVALID_ARGUMENT` when the index is of another content.
   *
   * @example
   * ```ts
   * const lines = await HanClient.jsonl.readIndexed(index.filePath, index, [3, 1]);
   * ```
   */
  readIndexed(filePath: string, index: JsonlIndex, lineNumbers: number[]): Promise<JsonlLine[]>;

  /**
   * As {@link Jsonl.readIndexed}, on the calling thread.
   *
   * @example
   * ```ts
   * const [line] = HanClient.jsonl.readIndexedSync(index.filePath, index, [3]);
   * ```
   */
  readIndexedSync(filePath: string, index: JsonlIndex, lineNumbers: number[]): JsonlLine[];

  /**
   * The lines of a file for which all conditions hold, and how many there are. When the signal is aborted while it
   * works, it resolves with status `partial` and what was found until then.
   *
   * @throws HanError (as a rejection) `INVALID_FILTER`.
   *
   * @example
   * ```ts
   * const { lines, matchedCount } = await HanClient.jsonl.filter(
   *   'events.jsonl',
   *   [
   *     { fieldPath: 'message.role', operator: 'in', values: ['user', 'assistant'] },
   *     { not: { fieldPath: 'isMeta', operator: 'eq', value: true } },
   *   ],
   *   { limit: 100 },
   * );
   * ```
   */
  filter(filePath: string, filters: JsonlFilter[], options?: JsonlFilterOptions): Promise<FilterResult>;

  /**
   * As {@link Jsonl.filter}, on the calling thread.
   *
   * @param limit - Lines to give at most; all when not given.
   *
   * @example
   * ```ts
   * const { matchedCount } = HanClient.jsonl.filterSync('events.jsonl', [{ fieldPath: 'error', operator: 'exists' }], 0);
   * ```
   */
  filterSync(filePath: string, filters: JsonlFilter[], limit?: number): FilterResult;

  /**
   * The lines whose field is a time of a range, its ends included. When the signal is aborted while it works, it
   * resolves with status `partial` and what was found until then.
   *
   * @throws HanError (as a rejection) `INVALID_TIMESTAMP`, `INVALID_FILTER` for a bad path.
   *
   * @example
   * ```ts
   * const { lines } = await HanClient.jsonl.filterTimeRange('events.jsonl', {
   *   field: 'timestamp',
   *   start: '2026-11-20T00:00:00Z',
   *   end: new Date(),
   * });
   * ```
   */
  filterTimeRange(
    filePath: string,
    range: JsonlTimeRange,
    options?: JsonlFilterOptions,
  ): Promise<FilterResult>;

  /**
   * As {@link Jsonl.filterTimeRange}, on the calling thread.
   *
   * @param limit - Lines to give at most; all when not given.
   *
   * @example
   * ```ts
   * const { lines } = HanClient.jsonl.filterTimeRangeSync('events.jsonl', { field: 'timestamp', start, end });
   * ```
   */
  filterTimeRangeSync(filePath: string, range: JsonlTimeRange, limit?: number): FilterResult;

  /**
   * Every line that is not blank. A thread reads a little ahead of the loop and no further, so memory stays small
   * whatever the file and however slow the loop. Leaving the loop, and the signal, end the reading and free the file.
   * Takes anything with a path that can be read from head to end, such as a named pipe.
   *
   * @throws HanError (in the loop) `CANCELLED` when the signal is aborted.
   *
   * @example
   * ```ts
   * for await (const { lineNumber, content } of HanClient.jsonl.lines('events.jsonl')) {
   *   console.log(lineNumber, JSON.parse(content));
   * }
   * ```
   */
  lines(filePath: string, options?: JsonlLinesOptions): AsyncIterableIterator<JsonlLine, void, undefined>;

  /**
   * As {@link Jsonl.lines}, in the portions in which they are read: at most `batchSize` lines and about 1 MiB. Says
   * when a followed file was truncated or replaced.
   *
   * @example
   * ```ts
   * const abort = new AbortController();
   * const options = { follow: true, signal: abort.signal };
   * for await (const { lines, restarted } of HanClient.jsonl.batches('events.jsonl', options)) {
   *   if (restarted) console.log('the file begins anew');
   *   for (const { content } of lines) console.log(content);
   * }
   * ```
   */
  batches(filePath: string, options?: JsonlLinesOptions): AsyncGenerator<JsonlLines, void, undefined>;

  /**
   * As {@link Jsonl.lines}, of the standard input of the process. Do not use `process.stdin` beside it: each would get
   * what the other does not.
   *
   * @example
   * ```ts
   * for await (const { content } of HanClient.jsonl.stdinLines()) console.log(JSON.parse(content).type);
   * ```
   */
  stdinLines(options?: JsonlStdinOptions): AsyncIterableIterator<JsonlLine, void, undefined>;

  /**
   * How many lines the standard input has; an unterminated last one counts.
   *
   * @example
   * ```ts
   * console.log(await HanClient.jsonl.countStdinLines());
   * ```
   */
  countStdinLines(): Promise<number>;
}

/** Makes {@link Jsonl} over the functions of the addon. */
export function createJsonl(native: Native): Jsonl {
  const fileSource = (filePath: string, { signal, ...options }: JsonlLinesOptions) =>
    new LineSource(native, `read lines of ${filePath}`, signal, () =>
      native.jsonlOpenReader(filePath, options),
    );
  return {
    countLines(filePath, options = {}) {
      return runJob(native, `count lines of ${filePath}`, options, (job) =>
        native.jsonlCountLinesAsync(filePath, job),
      );
    },
    countLinesSync(filePath) {
      return native.jsonlCountLines(filePath);
    },
    stats(filePath) {
      return native.jsonlStatsAsync(filePath);
    },
    statsSync(filePath) {
      return native.jsonlStats(filePath);
    },
    readPage(filePath, { offset = 0, limit = 100 } = {}) {
      return native.jsonlReadPageAsync(filePath, offset, limit);
    },
    readPageSync(filePath, { offset = 0, limit = 100 } = {}) {
      return native.jsonlReadPage(filePath, offset, limit);
    },
    readReverse(filePath, limit = 10) {
      return native.jsonlReadReverseAsync(filePath, limit);
    },
    readReverseSync(filePath, limit = 10) {
      return native.jsonlReadReverse(filePath, limit);
    },
    readTail(filePath, { limit = 10, beforeOffset } = {}) {
      return native.jsonlReadTail(filePath, limit, beforeOffset);
    },
    readLines(filePath, lineNumbers) {
      return native.jsonlReadLinesAsync(filePath, lineNumbers);
    },
    readLinesSync(filePath, lineNumbers) {
      return native.jsonlReadLines(filePath, lineNumbers);
    },
    buildIndex(filePath, options = {}) {
      return runJob(native, `index ${filePath}`, options, (job) =>
        native.jsonlBuildIndexAsync(filePath, job),
      );
    },
    buildIndexSync(filePath) {
      return native.jsonlBuildIndex(filePath);
    },
    saveIndex(index) {
      native.jsonlSaveIndex(index);
    },
    loadIndex(filePath) {
      return native.jsonlLoadIndexAsync(filePath);
    },
    loadIndexSync(filePath) {
      return native.jsonlLoadIndex(filePath);
    },
    updateIndex(filePath, options = {}) {
      return runJob(native, `index ${filePath}`, options, (job) =>
        native.jsonlUpdateIndexAsync(filePath, job),
      );
    },
    updateIndexSync(filePath) {
      return native.jsonlUpdateIndex(filePath);
    },
    readIndexed(filePath, index, lineNumbers) {
      return native.jsonlReadIndexedAsync(filePath, index, lineNumbers);
    },
    readIndexedSync(filePath, index, lineNumbers) {
      return native.jsonlReadIndexed(filePath, index, lineNumbers);
    },
    filter(filePath, filters, { limit, ...options } = {}) {
      return runJob(native, `filter ${filePath}`, options, (job) =>
        native.jsonlFilterAsync(filePath, filters, { ...job, limit }),
      );
    },
    filterSync(filePath, filters, limit) {
      return native.jsonlFilter(filePath, filters, limit);
    },
    filterTimeRange(filePath, { field, start, end }, { limit, ...options } = {}) {
      return runJob(native, `filter ${filePath}`, options, async (job) => {
        const [from, to] = [textOf('start', start), textOf('end', end)];
        return await native.jsonlFilterTimeRangeAsync(filePath, field, from, to, { ...job, limit });
      });
    },
    filterTimeRangeSync(filePath, { field, start, end }, limit) {
      const [from, to] = [textOf('start', start), textOf('end', end)];
      return native.jsonlFilterTimeRange(filePath, field, from, to, limit);
    },
    lines(filePath, options = {}) {
      return new LineLoop(fileSource(filePath, options));
    },
    batches(filePath, options = {}) {
      return batchesOf(fileSource(filePath, options));
    },
    stdinLines({ signal, ...options } = {}) {
      const open = () => native.jsonlOpenStdin(options);
      return new LineLoop(new LineSource(native, 'read the standard input', signal, open));
    },
    async countStdinLines() {
      return await native.jsonlCountRest(native.jsonlOpenStdin());
    },
  };
}
