/** Runs of hooks, those that wait to be run as well. */
import type {
  HookExecution,
  HookExecutionInput,
  HookExecutionPage,
  HookExecutionPageOptions,
  HookStats,
  PendingHookInput,
} from '@han/native';
import { type Native, onDatabase } from './native.js';
import { itemsOf } from './pages.js';
import type { Period } from './period.js';

/** Which runs to walk through. */
export type AllHookExecutionsOptions = Omit<HookExecutionPageOptions, 'cursor' | 'limit'> & {
  /** Runs fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result. */
  pageSize?: number;
};

/** How a run of a hook ended. */
export interface HookOutcome {
  /** Whether the run is `completed` with exit code 0, or `failed` with 1. */
  success: boolean;
  /** What it printed; erased when not given. */
  output?: string | undefined;
  /** What went wrong; erased when not given. */
  error?: string | undefined;
  /** How long it took, in whole milliseconds. */
  durationMs: number;
}

/** The runs of hooks of a database. Reached as `client.hookExecutions`. */
export interface HookExecutions {
  /**
   * Records a run that is over. Its session is made when there is none.
   *
   * @example
   * ```ts
   * client.hookExecutions.record({ hookType: 'Stop', hookName: 'check', durationMs: 120, exitCode: 0, passed: true });
   * ```
   */
  record(input: HookExecutionInput): HookExecution;

  /**
   * Queues a hook to be run, with status `pending`; returns the id of the run.
   *
   * @throws HanError `DB_CONSTRAINT` when the orchestration is unknown.
   *
   * @example
   * ```ts
   * const id = client.hookExecutions.queue({
   *   orchestrationId, hookType: 'Stop', hookName: 'check', plugin: 'lint', directory: '.', command: 'lint',
   * });
   * ```
   */
  queue(input: PendingHookInput): string;

  /**
   * The hooks that wait to be run, in order of arrival; with a session, its hooks that wait, run or failed.
   *
   * @example
   * ```ts
   * for (const { hookName } of client.hookExecutions.pending()) console.log(hookName);
   * ```
   */
  pending(sessionId?: string): HookExecution[];

  /**
   * Sets the status of a run. An unknown id changes nothing.
   *
   * @example
   * ```ts
   * client.hookExecutions.setStatus(id, 'running');
   * ```
   */
  setStatus(id: string, status: string): void;

  /**
   * Notes how a run ended. An unknown id changes nothing.
   *
   * @example
   * ```ts
   * client.hookExecutions.complete(id, { success: true, output: 'no problems', durationMs: 120 });
   * ```
   */
  complete(id: string, outcome: HookOutcome): void;

  /**
   * Notes that a run failed, with its exit code as it is. An unknown id changes nothing.
   *
   * @example
   * ```ts
   * client.hookExecutions.fail(id, 'the command was not found');
   * ```
   */
  fail(id: string, errorMessage: string): void;

  /**
   * One page of runs; the last that came is the first, unless `oldestFirst` is true.
   *
   * @param options - `sessionId`, `orchestrationId`, `only` (`'pending'`, or `'unfinished'`: waits, runs or failed),
   *   `oldestFirst`, `limit` (1 to 1000, 100 when not given) and the `nextCursor` of the page before.
   *
   * @example
   * ```ts
   * const { items } = client.hookExecutions.page({ sessionId, limit: 20 });
   * ```
   */
  page(options?: HookExecutionPageOptions): HookExecutionPage;

  /**
   * Every run, the last that came first; pages are fetched as they are needed.
   *
   * @example
   * ```ts
   * for await (const { hookName, passed } of client.hookExecutions.all()) console.log(hookName, passed);
   * ```
   */
  all(options?: AllHookExecutionsOptions): AsyncGenerator<HookExecution, void, undefined>;

  /**
   * How many runs there were, and how many passed. Zeros where there were none.
   *
   * @example
   * ```ts
   * console.log(client.hookExecutions.stats('week').passRate);
   * ```
   */
  stats(period?: Period): HookStats;

  /**
   * As `queue` for many, in one transaction: all are queued, or none. Returns their ids in the order of the input.
   *
   * @throws HanError `DB_CONSTRAINT` when an orchestration is unknown.
   *
   * @example
   * ```ts
   * const ids = client.hookExecutions.queueMany(hooks);
   * ```
   */
  queueMany(inputs: PendingHookInput[]): string[];

  /**
   * As `record` for many, in one transaction: all are written, or none. Returns what was written in the order of
   * the input. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * await client.hookExecutions.recordMany(runs);
   * ```
   */
  recordMany(inputs: HookExecutionInput[]): Promise<HookExecution[]>;

  /**
   * As `recordMany`, on the calling thread.
   *
   * @example
   * ```ts
   * client.hookExecutions.recordManySync(runs);
   * ```
   */
  recordManySync(inputs: HookExecutionInput[]): HookExecution[];
}

/** Makes {@link HookExecutions} over the functions of the addon, for one database. */
export function createHookExecutions(native: Native, dbPath: string): HookExecutions {
  const here = onDatabase(native, dbPath);
  const page = (options?: HookExecutionPageOptions) => native.listHookExecutionsPage(dbPath, options);
  return {
    record(input) {
      return native.recordHookExecution(dbPath, input);
    },
    queue(input) {
      return here(() => native.queuePendingHook(input));
    },
    pending(sessionId) {
      return here(() =>
        sessionId === undefined ? native.getPendingHooks() : native.getSessionPendingHooks(sessionId),
      );
    },
    setStatus(id, status) {
      here(() => native.updateHookStatus(id, status));
    },
    complete(id, { success, output, error, durationMs }) {
      here(() => native.completeHookExecution(id, success, output, error, durationMs));
    },
    fail(id, errorMessage) {
      here(() => native.failHookExecution(id, errorMessage));
    },
    page,
    all({ pageSize, ...filter } = {}) {
      return itemsOf(pageSize, (position) => page({ ...filter, ...position }));
    },
    stats(period) {
      return native.queryHookStats(dbPath, period);
    },
    queueMany(inputs) {
      return native.queuePendingHooks(dbPath, inputs);
    },
    async recordMany(inputs) {
      return await native.recordHookExecutionsAsync(dbPath, inputs);
    },
    recordManySync(inputs) {
      return native.recordHookExecutions(dbPath, inputs);
    },
  };
}
