/** The client: one database, one namespace per domain. */

import type { ArchiveStats, DatabaseCheck, NativeInfo } from '@han/native';
import { HanError, withHanErrors } from './errors.js';
import type { IndexRun } from './index-run.js';
import { createIndexer, type Indexer } from './indexer.js';
import { createMessages, type Messages } from './messages.js';
import { type Native, nativeFunctions } from './native.js';
import { createProjects, type Projects } from './projects.js';
import { createRepos, type Repos } from './repos.js';
import { createSearch, type Search } from './search.js';
import { createSessions, type Sessions } from './sessions.js';

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
  /** Full-text search. */
  readonly search: Search;
  /** From transcript files to rows. */
  readonly indexer: Indexer;

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
    this.search = createSearch(this.#native, dbPath);
    this.indexer = createIndexer(this.#native, dbPath, this.#running);
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
