/** Loops over the lines of a file or of the standard input. */
import type { JsonlBatch, JsonlLine } from '@han/native';
import { refuseAborted } from './cancellation.js';
import type { Native } from './native.js';

/** Some lines that follow each other. */
export interface JsonlLines {
  /** The lines; never none. */
  lines: JsonlLine[];
  /** Whether a followed file was truncated or replaced before these lines, which then count from its new head. */
  restarted: boolean;
}

/** What opens a reader of the addon, and what is done with it. */
type Readers = Pick<Native, 'jsonlNextBatch' | 'jsonlCloseReader'>;

/** A reader of the addon. It is opened when the first lines are asked for. */
export class LineSource {
  readonly #native: Readers;
  readonly #attempt: string;
  readonly #signal: AbortSignal | undefined;
  readonly #open: () => number;
  readonly #close = () => this.close();
  #reader: number | undefined;
  #closed = false;

  /**
   * @param attempt - What is read, for the message of an error.
   * @param signal - Closes it when it is aborted.
   * @param open - Opens the reader.
   */
  constructor(native: Readers, attempt: string, signal: AbortSignal | undefined, open: () => number) {
    this.#native = native;
    this.#attempt = attempt;
    this.#signal = signal;
    this.#open = open;
  }

  /** Whether it is at its end, or was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The next lines; `null` at the end.
   *
   * @throws HanError `CANCELLED` when the signal is aborted.
   */
  async next(): Promise<JsonlBatch | null> {
    refuseAborted(this.#signal, this.#attempt);
    if (this.#closed) {
      return null;
    }
    let batch: JsonlBatch | null = null;
    try {
      batch = await this.#native.jsonlNextBatch(this.#opened());
      // A reader that is closed meanwhile answers that there is nothing more.
      refuseAborted(this.#signal, this.#attempt);
    } finally {
      if (batch === null) {
        this.close();
      }
    }
    return batch;
  }

  /** Ends the reading and frees the file. */
  close(): void {
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#close);
    if (this.#reader !== undefined) {
      this.#native.jsonlCloseReader(this.#reader);
      this.#reader = undefined;
    }
  }

  #opened(): number {
    if (this.#reader === undefined) {
      this.#reader = this.#open();
      this.#signal?.addEventListener('abort', this.#close, { once: true });
    }
    return this.#reader;
  }
}

/** The lines of a source, in the portions in which they are read. */
export async function* batchesOf(source: LineSource): AsyncGenerator<JsonlLines, void, undefined> {
  try {
    for (;;) {
      const batch = await source.next();
      if (batch === null) {
        return;
      }
      const { contents, restarted = false } = batch;
      yield { lines: contents.map((_, index) => lineAt(batch, index)), restarted };
    }
  } finally {
    source.close();
  }
}

/**
 * The lines of a source one by one. What a generator would do, at a fraction of its cost per line: within a batch no
 * frame is left and entered again.
 */
export class LineLoop implements AsyncIterableIterator<JsonlLine, void, undefined> {
  readonly #source: LineSource;
  #batch: JsonlBatch | undefined;
  /** The next line of the batch. */
  #index = 0;
  #fetching: Promise<void> | undefined;

  /** @param source - Is closed when the loop is left. */
  constructor(source: LineSource) {
    this.#source = source;
  }

  /** It is its own iterator. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next line. Calls may overlap. */
  next(): Promise<IteratorResult<JsonlLine, void>> {
    const batch = this.#batch;
    // What was fetched before the signal was aborted is not given any more.
    if (batch === undefined || this.#source.closed) {
      return this.#fetchNext();
    }
    const value = lineAt(batch, this.#index);
    this.#index += 1;
    if (this.#index === batch.contents.length) {
      this.#batch = undefined;
    }
    return Promise.resolve({ done: false, value });
  }

  /** Ends the loop and frees the file. */
  return(): Promise<IteratorResult<JsonlLine, void>> {
    this.#source.close();
    this.#batch = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  async #fetchNext(): Promise<IteratorResult<JsonlLine, void>> {
    this.#fetching ??= this.#fetch();
    await this.#fetching;
    return this.#batch === undefined && this.#source.closed ? { done: true, value: undefined } : this.next();
  }

  async #fetch(): Promise<void> {
    try {
      this.#batch = (await this.#source.next()) ?? undefined;
      this.#index = 0;
    } finally {
      this.#fetching = undefined;
    }
  }
}

/** A line of a batch, which has one of this index. */
function lineAt({ contents, lineNumbers, byteOffsets, omittedBytes }: JsonlBatch, index: number): JsonlLine {
  const line: JsonlLine = {
    lineNumber: lineNumbers[index] as number,
    byteOffset: byteOffsets[index] as number,
    content: contents[index] as string,
  };
  const omitted = omittedBytes?.[index] ?? 0;
  if (omitted > 0) {
    line.omittedBytes = omitted;
  }
  return line;
}
