/** One run of the indexer: a promise of its report and an async iterable of its progress. */
import type { IndexProgress, IndexReport } from '@han/native';
import { refuseAborted } from './cancellation.js';
import type { Native } from './native.js';

/** What every run of the indexer takes. */
export interface IndexRunOptions {
  /**
   * Cancels the run when it is aborted. A run that has begun then resolves with status `partial`: what was finished is
   * kept. A signal that is aborted before the run begins makes it reject at once with code `CANCELLED`.
   */
  signal?: AbortSignal | undefined;
  /**
   * Called a few times a second while the run goes on. When it throws, the run is cancelled and rejects with what
   * was thrown.
   */
  onProgress?: ((progress: IndexProgress) => void) | undefined;
}

/** Starts the work; called at most once. */
type Start = (options: {
  jobId: number;
  onProgress: (progress: IndexProgress) => void;
}) => Promise<IndexReport>;

/** The functions of the addon that a run needs. */
type Jobs = Pick<Native, 'createJobId' | 'cancelJob'>;

/**
 * A run of the indexer. It begins when it is made; await it for the {@link IndexReport}, iterate it for its progress,
 * or do both. Progress is the newest snapshot: a slow loop skips the ones between, and none are queued. Leaving the
 * loop early does not cancel the run; {@link IndexRun.cancel} or the `signal` does.
 *
 * @example
 * ```ts
 * const run = client.indexer.scan();
 * for await (const progress of run) console.log(progress.bytesDone, progress.bytesTotal);
 * const report = await run;
 * console.log(report.status, report.messagesIndexed);
 * ```
 */
export class IndexRun implements Promise<IndexReport>, AsyncIterable<IndexProgress> {
  readonly [Symbol.toStringTag] = 'IndexRun';

  readonly #jobs: Jobs;
  readonly #jobId: number;
  readonly #report: Promise<IndexReport>;
  readonly #onProgress: IndexRunOptions['onProgress'];
  /** The newest snapshot, and how many came before it. */
  #newest: { progress: IndexProgress; number: number } | undefined;
  /** Set once the run is over; holds the error of a run that failed. */
  #end: { error?: unknown } | undefined;
  /** What `onProgress` threw. */
  #thrown: { error: unknown } | undefined;
  /** Wakes every loop that waits for something to change. */
  #waiting: (() => void)[] = [];
  /** How many loops go on. */
  #loops = 0;

  /**
   * Begins a run. Programs get one from `client.indexer`.
   *
   * @param running - Holds this run while it goes on.
   */
  constructor(jobs: Jobs, running: Set<IndexRun>, { signal, onProgress }: IndexRunOptions, start: Start) {
    this.#jobs = jobs;
    this.#jobId = jobs.createJobId();
    this.#onProgress = onProgress;
    this.#report = this.#run(running, signal, start);
  }

  /**
   * Asks the run to stop after what it is at; the report then says `partial`.
   *
   * @returns `false` when the run is over already.
   */
  cancel(): boolean {
    return this.#end === undefined && this.#jobs.cancelJob(this.#jobId);
  }

  /** As of any promise. */
  // biome-ignore lint/suspicious/noThenProperty: a run is a promise, and `implements Promise` checks that it is a whole one
  then<Kept = IndexReport, Handled = never>(
    onKept?: ((report: IndexReport) => Kept | PromiseLike<Kept>) | null,
    onBroken?: ((error: unknown) => Handled | PromiseLike<Handled>) | null,
  ): Promise<Kept | Handled> {
    return this.#report.then(onKept, onBroken);
  }

  /** As of any promise. */
  catch<Handled = never>(
    onBroken?: ((error: unknown) => Handled | PromiseLike<Handled>) | null,
  ): Promise<IndexReport | Handled> {
    return this.#report.catch(onBroken);
  }

  /** As of any promise. */
  finally(onEnd?: (() => void) | null): Promise<IndexReport> {
    return this.#report.finally(onEnd);
  }

  /** The progress of the run, newest snapshot first come; ends with the run and throws what the run rejects with. */
  async *[Symbol.asyncIterator](): AsyncGenerator<IndexProgress, void, undefined> {
    this.#loops += 1;
    try {
      let seen = 0;
      for (;;) {
        if (this.#newest !== undefined && this.#newest.number > seen) {
          seen = this.#newest.number;
          yield this.#newest.progress;
        } else if (this.#end === undefined) {
          await new Promise<void>((wake) => this.#waiting.push(wake));
        } else {
          break;
        }
      }
      if ('error' in this.#end) {
        // The loop delivers the error: without an await beside it, the promise must not report it a second time.
        this.#report.catch(() => undefined);
        throw this.#end.error;
      }
    } finally {
      this.#loops -= 1;
    }
  }

  async #run(running: Set<IndexRun>, signal: AbortSignal | undefined, start: Start): Promise<IndexReport> {
    const cancel = () => this.cancel();
    running.add(this);
    try {
      refuseAborted(signal, 'start an index run');
      signal?.addEventListener('abort', cancel, { once: true });
      const report = await start({ jobId: this.#jobId, onProgress: (progress) => this.#take(progress) });
      if (this.#thrown !== undefined) {
        throw this.#thrown.error;
      }
      this.#finish({});
      return report;
    } catch (error) {
      this.#finish({ error });
      throw error;
    } finally {
      running.delete(this);
      signal?.removeEventListener('abort', cancel);
    }
  }

  #take(progress: IndexProgress): void {
    this.#newest = { progress, number: (this.#newest?.number ?? 0) + 1 };
    this.#wakeAll();
    if (this.#onProgress === undefined || this.#thrown !== undefined) {
      return;
    }
    try {
      this.#onProgress(progress);
    } catch (error) {
      // Nothing above this frame could catch it: the addon called.
      this.#thrown = { error };
      this.cancel();
    }
  }

  #finish(end: { error?: unknown }): void {
    this.#end = end;
    if (this.#loops > 0 && 'error' in end) {
      this.#report.catch(() => undefined);
    }
    this.#wakeAll();
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) {
      wake();
    }
  }
}
