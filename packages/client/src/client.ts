/** The client: one database, one namespace per domain. */

import type { ArchiveStats, DatabaseCheck, NativeInfo } from '@han/native';
import { type Activity, createActivity } from './activity.js';
import { type AsyncHooks, createAsyncHooks } from './async-hooks.js';
import { type Compactions, createCompactions } from './compactions.js';
import { type ConfigDirs, createConfigDirs } from './config-dirs.js';
import { createDocuments, type Documents } from './documents.js';
import { HanError, withHanErrors } from './errors.js';
import { createFileChanges, type FileChanges } from './file-changes.js';
import { createFileOperations, type FileOperations } from './file-operations.js';
import { createFileValidations, type FileValidations } from './file-validations.js';
import { createFrustration, type Frustration } from './frustration.js';
import { createGeneratedSummaries, type GeneratedSummaries } from './generated-summaries.js';
import { createGit, type Git } from './git.js';
import { createGlob, type Glob } from './glob.js';
import { createHash, type Hash } from './hash.js';
import { createHookAttempts, type HookAttempts } from './hook-attempts.js';
import { createHookExecutions, type HookExecutions } from './hook-executions.js';
import type { IndexRun } from './index-run.js';
import { createIndexer, type Indexer } from './indexer.js';
import { createJsonl, type Jsonl } from './jsonl.js';
import { createLegacy, type Legacy } from './legacy.js';
import { createMaintenance, type Maintenance } from './maintenance.js';
import { createManifest, type Manifest } from './manifest.js';
import { createMessages, type Messages } from './messages.js';
import { type Native, nativeFunctions } from './native.js';
import { createNativeTasks, type NativeTasks } from './native-tasks.js';
import { createOrchestrations, type Orchestrations } from './orchestrations.js';
import { createProjects, type Projects } from './projects.js';
import { createQueuedHooks, type QueuedHooks } from './queued-hooks.js';
import { createReplies, type Replies } from './replies.js';
import { createRepos, type Repos } from './repos.js';
import { createSearch, type Search } from './search.js';
import { createSessionCompacts, type SessionCompacts } from './session-compacts.js';
import { createSessionSummaries, type SessionSummaries } from './session-summaries.js';
import { createSessionTodosLists, type SessionTodosLists } from './session-todos.js';
import { createSessions, type Sessions } from './sessions.js';
import { createTasks, type Tasks } from './tasks.js';
import { createToolCalls, type ToolCalls } from './tool-calls.js';
import { createUsage, type Usage } from './usage.js';
import { createVectors, type Vectors } from './vectors.js';

/** What {@link HanClient.open} takes. */
export interface HanClientOptions {
  /**
   * The database file; created, with its folder, when it does not exist. When not given: `han.db` in `HAN_DATA_DIR`,
   * else in `CLAUDE_CONFIG_DIR/han`, else in `~/.han`.
   */
  dbPath?: string | undefined;
}

/**
 * One database of transcripts.
 *
 * A method returns a promise when its work may take longer than 10 ms: it then runs off the JavaScript thread, and
 * its blocking twin, where there is one, ends in `Sync`. Every other method answers at once from an index. Whatever
 * fails fails with a {@link HanError}.
 *
 * @example
 * ```ts
 * import { HanClient } from '@han/client';
 *
 * const client = HanClient.open();
 * await client.indexer.scan();
 * const { items } = await client.search.page('flaky test');
 * for (const hit of items) console.log(hit.sessionTitle, hit.snippet);
 * client.close();
 * ```
 */
export class HanClient {
  /** The database file. */
  readonly dbPath: string;
  /** Sessions: one run of a coding agent each. */
  readonly sessions: Sessions;
  /** The rows of sessions. */
  readonly messages: Messages;
  /** The working folders that sessions ran in. */
  readonly projects: Projects;
  /** What several projects of the same code share. */
  readonly repos: Repos;
  /** The folders where agents keep their transcripts. */
  readonly configDirs: ConfigDirs;
  /** What agents set out to do, and how it ended. */
  readonly tasks: Tasks;
  /** Runs of many hooks together. */
  readonly orchestrations: Orchestrations;
  /** Hooks that wait in the queue of an orchestration. */
  readonly queuedHooks: QueuedHooks;
  /** Runs of hooks. */
  readonly hookExecutions: HookExecutions;
  /** How often hooks failed in a row. */
  readonly hookAttempts: HookAttempts;
  /** Hooks that run beside a session. */
  readonly asyncHooks: AsyncHooks;
  /** Signs of frustration of users. */
  readonly frustration: Frustration;
  /** Full-text search. */
  readonly search: Search;
  /** Files that sessions changed. */
  readonly fileChanges: FileChanges;
  /** Which content of files hooks have validated. */
  readonly fileValidations: FileValidations;
  /** The latest summary of each session. */
  readonly sessionSummaries: SessionSummaries;
  /** The latest compaction of each session. */
  readonly sessionCompacts: SessionCompacts;
  /** The latest list of todos of each session. */
  readonly sessionTodos: SessionTodosLists;
  /** Tasks that agents keep for themselves. */
  readonly nativeTasks: NativeTasks;
  /** Summaries of sessions that a model wrote. */
  readonly generatedSummaries: GeneratedSummaries;
  /** Documents in stores of their own, for full-text search. */
  readonly documents: Documents;
  /** Vectors in stores of their own, for search by similarity. */
  readonly vectors: Vectors;
  /** Calls of tools, with their results. */
  readonly toolCalls: ToolCalls;
  /** The token ledger: which line of which file books a number. */
  readonly replies: Replies;
  /** Moments at which sessions went on from a summary. */
  readonly compactions: Compactions;
  /** Figures over time: what dashboards show. */
  readonly activity: Activity;
  /** What models used and cost, and what agents did. */
  readonly usage: Usage;
  /** From transcript files to rows. */
  readonly indexer: Indexer;
  /** Backup, integrity and repair, sizes, vacuum, checkpoint, export, and transcripts given back. */
  readonly maintenance: Maintenance;

  static #jsonl: Jsonl | undefined;
  static #git: Git | undefined;
  static #glob: Glob | undefined;
  static #hash: Hash | undefined;
  static #manifest: Manifest | undefined;

  readonly #native: Native;
  readonly #running = new Set<IndexRun>();
  #closed = false;

  private constructor(native: Native, dbPath: string) {
    // A closed client refuses every call in one place.
    this.#native = withHanErrors(native, () => this.#refuseWhenClosed());
    this.dbPath = dbPath;
    this.sessions = createSessions(this.#native, dbPath);
    this.messages = createMessages(this.#native, dbPath);
    this.projects = createProjects(this.#native, dbPath);
    this.repos = createRepos(this.#native, dbPath);
    this.configDirs = createConfigDirs(this.#native, dbPath);
    this.tasks = createTasks(this.#native, dbPath);
    this.orchestrations = createOrchestrations(this.#native, dbPath);
    this.queuedHooks = createQueuedHooks(this.#native, dbPath);
    this.hookExecutions = createHookExecutions(this.#native, dbPath);
    this.hookAttempts = createHookAttempts(this.#native, dbPath);
    this.asyncHooks = createAsyncHooks(this.#native, dbPath);
    this.frustration = createFrustration(this.#native, dbPath);
    this.search = createSearch(this.#native, dbPath);
    this.fileChanges = createFileChanges(this.#native, dbPath);
    this.fileValidations = createFileValidations(this.#native, dbPath);
    this.sessionSummaries = createSessionSummaries(this.#native, dbPath);
    this.sessionCompacts = createSessionCompacts(this.#native, dbPath);
    this.sessionTodos = createSessionTodosLists(this.#native, dbPath);
    this.nativeTasks = createNativeTasks(this.#native, dbPath);
    this.generatedSummaries = createGeneratedSummaries(this.#native, dbPath);
    this.documents = createDocuments(this.#native, dbPath);
    this.vectors = createVectors(this.#native, dbPath);
    this.toolCalls = createToolCalls(this.#native, dbPath);
    this.replies = createReplies(this.#native, dbPath);
    this.compactions = createCompactions(this.#native, dbPath);
    this.activity = createActivity(this.#native, dbPath);
    this.usage = createUsage(this.#native, dbPath);
    this.indexer = createIndexer(this.#native, dbPath, this.#running);
    this.maintenance = createMaintenance(this.#native, dbPath);
  }

  /**
   * Opens a database, creating or migrating it where needed.
   *
   * @throws HanError `DB_PATH_INVALID`, `DB_READ_ONLY`, `DB_NOT_A_DATABASE`, `DB_FOREIGN`, `DB_TOO_NEW` and others;
   *   `ADDON_NOT_FOUND`, `ADDON_LOAD_FAILED` or `ADDON_VERSION_MISMATCH` when there is no addon to do the work.
   *
   * @example
   * ```ts
   * using client = HanClient.open({ dbPath: '/var/lib/my-app/han.db' });
   * ```
   */
  static open({ dbPath }: HanClientOptions = {}): HanClient {
    const native = nativeFunctions();
    const { dbInit, getNativeInfo } = withHanErrors(native);
    const path = dbPath ?? getNativeInfo().defaultDbPath;
    dbInit(path);
    return new HanClient(native, path);
  }

  /**
   * Facts about the addon: its version, the defaults for paths, the number of threads. Opens no database.
   *
   * @example
   * ```ts
   * console.log(HanClient.info().defaultDbPath);
   * ```
   */
  static info(): NativeInfo {
    return withHanErrors(nativeFunctions()).getNativeInfo();
  }

  /**
   * Files of JSON lines. Opens no database; as of any file library, there is nothing to close.
   *
   * @throws HanError `ADDON_NOT_FOUND`, `ADDON_LOAD_FAILED` or `ADDON_VERSION_MISMATCH`.
   *
   * @example
   * ```ts
   * for await (const { content } of HanClient.jsonl.lines('events.jsonl')) console.log(content);
   * ```
   */
  static get jsonl(): Jsonl {
    HanClient.#jsonl ??= createJsonl(withHanErrors(nativeFunctions()));
    return HanClient.#jsonl;
  }

  /**
   * The same as {@link HanClient.jsonl}, for programs that have a client at hand. Closing the client does not end loops
   * that go on: they do not use its database.
   *
   * @example
   * ```ts
   * const lines = await client.jsonl.countLines(session.transcriptPath);
   * ```
   */
  get jsonl(): Jsonl {
    this.#refuseWhenClosed();
    return HanClient.jsonl;
  }

  /**
   * Git repositories: facts, files, history, work trees. Opens no database, and there is nothing to close.
   *
   * @throws HanError `ADDON_NOT_FOUND`, `ADDON_LOAD_FAILED` or `ADDON_VERSION_MISMATCH`.
   *
   * @example
   * ```ts
   * console.log(HanClient.git.info(process.cwd()).branch);
   * ```
   */
  static get git(): Git {
    HanClient.#git ??= createGit(withHanErrors(nativeFunctions()));
    return HanClient.#git;
  }

  /**
   * The same as {@link HanClient.git}, for programs that have a client at hand.
   *
   * @example
   * ```ts
   * const commits = await client.git.log(project.path);
   * ```
   */
  get git(): Git {
    this.#refuseWhenClosed();
    return HanClient.git;
  }

  /**
   * Files and folders that match patterns, without those that git ignores. Opens no database, and there is nothing to
   * close.
   *
   * @throws HanError `ADDON_NOT_FOUND`, `ADDON_LOAD_FAILED` or `ADDON_VERSION_MISMATCH`.
   *
   * @example
   * ```ts
   * const sources = HanClient.glob.filesWithGlobSync(process.cwd(), ['*.ts']);
   * ```
   */
  static get glob(): Glob {
    HanClient.#glob ??= createGlob(withHanErrors(nativeFunctions()));
    return HanClient.#glob;
  }

  /**
   * The same as {@link HanClient.glob}, for programs that have a client at hand.
   *
   * @example
   * ```ts
   * const { files } = await client.glob.find(project.path, ['src/**'], { rules: 'shell' });
   * ```
   */
  get glob(): Glob {
    this.#refuseWhenClosed();
    return HanClient.glob;
  }

  /**
   * Hashes of bytes, streams and files. Opens no database, and there is nothing to close.
   *
   * @throws HanError `ADDON_NOT_FOUND`, `ADDON_LOAD_FAILED` or `ADDON_VERSION_MISMATCH`.
   *
   * @example
   * ```ts
   * console.log(HanClient.hash.fileSync('package.json'));
   * ```
   */
  static get hash(): Hash {
    HanClient.#hash ??= createHash(withHanErrors(nativeFunctions()));
    return HanClient.#hash;
  }

  /**
   * The same as {@link HanClient.hash}, for programs that have a client at hand.
   *
   * @example
   * ```ts
   * const hash = await client.hash.file(change.filePath);
   * ```
   */
  get hash(): Hash {
    this.#refuseWhenClosed();
    return HanClient.hash;
  }

  /**
   * Manifests of trees: which files there are, and what they hash to. Opens no database, and there is nothing to close.
   *
   * @throws HanError `ADDON_NOT_FOUND`, `ADDON_LOAD_FAILED` or `ADDON_VERSION_MISMATCH`.
   *
   * @example
   * ```ts
   * const { manifest } = await HanClient.manifest.checkAndBuild('.', ['src/**']);
   * ```
   */
  static get manifest(): Manifest {
    HanClient.#manifest ??= createManifest(withHanErrors(nativeFunctions()));
    return HanClient.#manifest;
  }

  /**
   * The same as {@link HanClient.manifest}, for programs that have a client at hand.
   *
   * @example
   * ```ts
   * const { changed } = await client.manifest.check(project.path, ['*.ts'], kept);
   * ```
   */
  get manifest(): Manifest {
    this.#refuseWhenClosed();
    return HanClient.manifest;
  }

  /**
   * Files that a text names behind a verb. Opens no database.
   *
   * @throws HanError `ADDON_NOT_FOUND`, `ADDON_LOAD_FAILED` or `ADDON_VERSION_MISMATCH`.
   *
   * @example
   * ```ts
   * const { operations } = HanClient.fileOperations.extract('Read src/main.ts and updated README.md.');
   * ```
   */
  static get fileOperations(): FileOperations {
    return createFileOperations(withHanErrors(nativeFunctions()));
  }

  /**
   * The index that an older program kept in `~/.claude/han/memory/index`. Opens no database.
   *
   * @example
   * ```ts
   * if (HanClient.legacy.exists()) HanClient.legacy.remove();
   * ```
   */
  static get legacy(): Legacy {
    return createLegacy(withHanErrors(nativeFunctions()));
  }

  /** Whether {@link HanClient.close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Totals of the whole database. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * const { sessions, messages, outputTokens } = await client.stats();
   * ```
   */
  async stats(): Promise<ArchiveStats> {
    return await this.#native.getArchiveStatsAsync(this.dbPath);
  }

  /**
   * As {@link HanClient.stats}, on the calling thread.
   *
   * @example
   * ```ts
   * console.log(client.statsSync().sessions);
   * ```
   */
  statsSync(): ArchiveStats {
    return this.#native.getArchiveStats(this.dbPath);
  }

  /**
   * Checks the database file and its search index for damage. Takes seconds for a large database; runs off the
   * JavaScript thread.
   *
   * @example
   * ```ts
   * const { ok, problems } = await client.check();
   * if (!ok) console.error(problems.join('\n'));
   * ```
   */
  async check(): Promise<DatabaseCheck> {
    return await this.#native.checkDatabaseAsync(this.dbPath);
  }

  /**
   * Runs `work` in one write transaction: what it writes through this client is committed at once when it returns, and
   * gone when it throws. Returns or throws the same as `work`.
   *
   * Every method that answers at once joins the transaction, and methods that read see what was written. A call that
   * fails undoes itself alone, so `work` may catch its error and go on; a transaction inside another is a part of it
   * that can be undone alone. Methods that return promises do not join: they run on other threads and wait with their
   * writes until `work` is back.
   *
   * Nobody else can write meanwhile, in this process or another, so `work` should take no longer than about 50
   * milliseconds. It cannot be asynchronous.
   *
   * @throws HanError `INVALID_ARGUMENT` when `work` returns a promise, with what it wrote so far undone;
   *   `TRANSACTION_LOST` when everything was undone because, for instance, the disk is full.
   *
   * @example
   * ```ts
   * client.transaction(() => {
   *   const { id } = client.orchestrations.create({ hookType: 'Stop', projectRoot: process.cwd() });
   *   for (const hook of hooks) client.queuedHooks.add({ ...hook, orchestrationId: id });
   * });
   * ```
   */
  transaction<T>(work: () => T & (T extends PromiseLike<unknown> ? never : unknown)): T {
    let thrown: { error: unknown } | undefined;
    const remember = () => {
      try {
        return work();
      } catch (error) {
        thrown = { error };
        throw error;
      }
    };
    try {
      return this.#native.transaction(this.dbPath, remember);
    } catch (error) {
      // What the caller threw is passed on as it is.
      throw thrown === undefined ? error : thrown.error;
    }
  }

  /**
   * Removes what can be read again from transcripts that exist; returns how many rows that were. A scan brings it back.
   * Sessions with a source file that is gone stay whole, and so does what no transcript tells, such as tasks, hooks,
   * changes of files and generated summaries. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * await client.truncateDerived();
   * await client.indexer.scan();
   * ```
   */
  async truncateDerived(): Promise<number> {
    return await this.#native.truncateDerivedTablesAsync(this.dbPath);
  }

  /**
   * Ends the use of this client: index runs that go on are cancelled and keep what they finished, and every later
   * call fails with `CLIENT_CLOSED`. The file stays open for other clients of the same process. Calling it again does
   * nothing.
   *
   * @example
   * ```ts
   * client.close();
   * ```
   */
  close(): void {
    for (const run of this.#running) {
      run.cancel();
    }
    this.#closed = true;
  }

  /** {@link HanClient.close}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #refuseWhenClosed(): void {
    if (this.#closed) {
      throw new HanError('CLIENT_CLOSED', `use the client of ${this.dbPath}: it was closed`);
    }
  }
}
