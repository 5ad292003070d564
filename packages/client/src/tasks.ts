/** Tasks that agents announce, and how they ended. */
import type {
  Task,
  TaskCompletion,
  TaskFailure,
  TaskInput,
  TaskMetrics,
  TaskPage,
  TaskPageOptions,
} from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';
import type { Period } from './period.js';

/** Which tasks to walk through. */
export type AllTasksOptions = Omit<TaskPageOptions, 'cursor' | 'limit'> & {
  /** Tasks fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result. */
  pageSize?: number;
};

/** Which tasks {@link Tasks.metrics} counts. */
export interface TaskMetricsOptions {
  /** Only tasks of this type. */
  taskType?: string | undefined;
  /** Only tasks with this outcome. */
  outcome?: string | undefined;
  /** Only tasks that began in this period; all time when not given. */
  period?: Period | undefined;
}

/** The tasks of a database. Reached as `client.tasks`. */
export interface Tasks {
  /**
   * Notes a task that begins now.
   *
   * @throws HanError `DB_CONSTRAINT` when the id is taken or the session unknown.
   *
   * @example
   * ```ts
   * client.tasks.create({ taskId: 'fix-login', description: 'Fix the login', taskType: 'fix' });
   * ```
   */
  create(input: TaskInput): Task;

  /**
   * Notes how a task ended, now; what is not given is erased.
   *
   * @throws HanError `TASK_NOT_FOUND`.
   *
   * @example
   * ```ts
   * client.tasks.complete({ taskId: 'fix-login', outcome: 'success', confidence: 0.9 });
   * ```
   */
  complete(completion: TaskCompletion): Task;

  /**
   * Notes that a task failed, now; its `notes` then tell the reason and what was tried.
   *
   * @throws HanError `TASK_NOT_FOUND`.
   *
   * @example
   * ```ts
   * client.tasks.fail({ taskId: 'fix-login', reason: 'no access', attemptedSolutions: ['asked for it'] });
   * ```
   */
  fail(failure: TaskFailure): Task;

  /**
   * The task with this id, or `null`.
   *
   * @example
   * ```ts
   * client.tasks.get('fix-login')?.outcome;
   * ```
   */
  get(taskId: string): Task | null;

  /**
   * One page of tasks; the one that began last comes first.
   *
   * @param options - `sessionId`, `limit` (1 to 1000, 100 when not given) and the `nextCursor` of the page before.
   *
   * @example
   * ```ts
   * for (const task of client.tasks.page({ limit: 10 }).items) console.log(task.taskId, task.outcome);
   * ```
   */
  page(options?: TaskPageOptions): TaskPage;

  /**
   * Every task, the one that began last first; pages are fetched as they are needed.
   *
   * @example
   * ```ts
   * for await (const task of client.tasks.all({ sessionId })) console.log(task.taskId);
   * ```
   */
  all(options?: AllTasksOptions): AsyncGenerator<Task, void, undefined>;

  /**
   * Figures: how many tasks, how they ended, how long they took, how well confidence foretold success. Zeros where
   * there are no tasks.
   *
   * @example
   * ```ts
   * const { successRate, calibrationScore } = client.tasks.metrics({ taskType: 'fix', period: 'week' });
   * ```
   */
  metrics(options?: TaskMetricsOptions): TaskMetrics;

  /**
   * As `create` for many, in one transaction: all are written, or none. Returns what was written in the order of
   * the input. Runs off the JavaScript thread.
   *
   * @throws HanError `DB_CONSTRAINT` when a `taskId` is taken or a session is unknown.
   *
   * @example
   * ```ts
   * await client.tasks.createMany([{ taskId: 't-1', description: 'Fix the login', taskType: 'fix' }]);
   * ```
   */
  createMany(inputs: TaskInput[]): Promise<Task[]>;

  /**
   * As `createMany`, on the calling thread.
   *
   * @example
   * ```ts
   * client.tasks.createManySync([{ taskId: 't-1', description: 'Fix the login', taskType: 'fix' }]);
   * ```
   */
  createManySync(inputs: TaskInput[]): Task[];

  /**
   * The tasks with these ids, in the order of the ids; `null` where there is none. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * const [first, second] = await client.tasks.getMany(['t-1', 't-2']);
   * ```
   */
  getMany(taskIds: string[]): Promise<(Task | null)[]>;

  /**
   * As `getMany`, on the calling thread.
   *
   * @example
   * ```ts
   * const [first, second] = client.tasks.getManySync(['t-1', 't-2']);
   * ```
   */
  getManySync(taskIds: string[]): (Task | null)[];
}

/** Makes {@link Tasks} over the functions of the addon, for one database. */
export function createTasks(native: Native, dbPath: string): Tasks {
  const page = (options?: TaskPageOptions) => native.listTasksPage(dbPath, options);
  return {
    create(input) {
      return native.createTask(dbPath, input);
    },
    complete(completion) {
      return native.completeTask(dbPath, completion);
    },
    fail(failure) {
      return native.failTask(dbPath, failure);
    },
    get(taskId) {
      return native.getTask(dbPath, taskId);
    },
    page,
    all({ pageSize, ...filter } = {}) {
      return itemsOf(pageSize, (position) => page({ ...filter, ...position }));
    },
    metrics({ taskType, outcome, period } = {}) {
      return native.queryTaskMetrics(dbPath, taskType, outcome, period);
    },
    async createMany(inputs) {
      return await native.createTasksAsync(dbPath, inputs);
    },
    createManySync(inputs) {
      return native.createTasks(dbPath, inputs);
    },
    async getMany(taskIds) {
      return await native.getTasksBatchAsync(dbPath, taskIds);
    },
    getManySync(taskIds) {
      return native.getTasksBatch(dbPath, taskIds);
    },
  };
}
