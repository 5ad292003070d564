/** The indexer: from transcript files to rows, reading only what is new. */
import type {
  BrokenLine,
  IndexOptions,
  IndexProgress,
  IndexReport,
  IndexResult,
  SessionFile,
  VerifyReport,
} from '@han/native';
import { IndexRun, type IndexRunOptions } from './index-run.js';
import { runJob } from './jsonl-job.js';
import type { Native } from './native.js';

/** What a scan of whole configuration folders takes. */
export interface ScanOptions extends IndexRunOptions {
  /** The configuration folders to scan; `CLAUDE_CONFIG_DIR`, else `~/.claude`, when not given. */
  configDirs?: string[] | undefined;
}

/** What {@link Indexer.verify} takes. */
export interface VerifyOptions extends IndexRunOptions {
  /** Transcripts, and folders of them; all that are indexed when not given. */
  paths?: string[] | undefined;
  /** Whether files that differ are read anew; default `false`. */
  repair?: boolean | undefined;
}

/**
 * The indexer of a database. Reached as `client.indexer`.
 *
 * Files are read from where the last run stopped; a file that did not change costs one look at its size and time. A
 * run can be repeated, cancelled or killed at any point and gives the same rows in the end. A file that cannot be
 * read costs only itself: it stands in `results` with its `error`.
 */
export interface Indexer {
  /**
   * Indexes every transcript below the configuration folders.
   *
   * @example
   * ```ts
   * const report = await client.indexer.scan({ signal: AbortSignal.timeout(60_000) });
   * console.log(report.status, report.filesIndexed, report.messagesIndexed);
   * ```
   */
  scan(options?: ScanOptions): IndexRun;

  /**
   * Indexes the transcripts of one project folder, those of its agents included.
   *
   * @param projectDir - A folder such as `~/.claude/projects/-home-ann-my-app`, written out.
   * @throws HanError (as a rejection) `FILE_NOT_FOUND`, `NOT_A_DIRECTORY`.
   *
   * @example
   * ```ts
   * const run = client.indexer.indexProject('/home/ann/.claude/projects/-home-ann-my-app');
   * for await (const { filesDone, filesTotal } of run) console.log(filesDone, filesTotal);
   * ```
   */
  indexProject(projectDir: string, options?: IndexRunOptions): IndexRun;

  /**
   * Indexes one transcript file.
   *
   * @param filePath - A `.jsonl` file.
   * @throws HanError (as a rejection) `FILE_NOT_FOUND`, `NOT_A_FILE`, `FILE_UNREADABLE`.
   *
   * @example
   * ```ts
   * const { messagesIndexed } = await client.indexer.indexFile(transcriptPath);
   * ```
   */
  indexFile(filePath: string, options?: IndexRunOptions): IndexRun;

  /**
   * As {@link Indexer.scan} of the default folders, on the calling thread, which it holds up until it is done.
   *
   * @example
   * ```ts
   * const changed = client.indexer.scanSync();
   * ```
   */
  scanSync(): IndexResult[];

  /**
   * As {@link Indexer.indexProject}, on the calling thread, which it holds up until it is done.
   *
   * @param sourceConfigDir - The configuration folder to note with the sessions.
   *
   * @example
   * ```ts
   * const changed = client.indexer.indexProjectSync(projectDir);
   * ```
   */
  indexProjectSync(projectDir: string, sourceConfigDir?: string): IndexResult[];

  /**
   * As {@link Indexer.indexFile}, on the calling thread: right for the few new lines of one file.
   *
   * @param sourceConfigDir - The configuration folder to note with the session.
   *
   * @example
   * ```ts
   * const { messagesIndexed } = client.indexer.indexFileSync(transcriptPath);
   * ```
   */
  indexFileSync(filePath: string, sourceConfigDir?: string): IndexResult;

  /**
   * Compares every stored byte with its source file, and every row with its line. Files that are gone are named, which is
   * no difference; what stands behind the indexed part of a file is pending. With `repair`, files that differ are read
   * anew, as if they had been rewritten; the report says what was found before.
   *
   * @throws HanError (as a rejection) `FILE_NOT_FOUND` for a path of which nothing is indexed.
   *
   * @example
   * ```ts
   * const { files } = await client.indexer.verify();
   * for (const { filePath, problems } of files) if (problems.length > 0) console.log(filePath, problems);
   * ```
   */
  verify(options?: VerifyOptions): Promise<VerifyReport>;

  /**
   * Lines that could not be indexed, with where they stand and why.
   *
   * @param limit - At most so many.
   *
   * @example
   * ```ts
   * for (const { filePath, lineNumber, reason } of client.indexer.brokenLines(10)) console.log(filePath, lineNumber, reason);
   * ```
   */
  brokenLines(limit?: number): BrokenLine[];

  /**
   * The transcripts of sessions directly in a folder.
   *
   * @example
   * ```ts
   * const files = client.indexer.listSessionFiles(projectDir);
   * ```
   */
  listSessionFiles(dirPath: string): SessionFile[];

  /**
   * The `.jsonl` files directly in a folder whose names begin with `prefix` and end with `suffix`.
   *
   * @example
   * ```ts
   * const agents = client.indexer.listJsonlFiles(projectDir, { prefix: 'agent-' });
   * ```
   */
  listJsonlFiles(
    dirPath: string,
    names?: { prefix?: string | undefined; suffix?: string | undefined },
  ): SessionFile[];
}

/**
 * Makes {@link Indexer} over the functions of the addon, for one database.
 *
 * @param running - Holds the runs that go on, for whoever has to end them.
 */
export function createIndexer(native: Native, dbPath: string, running: Set<IndexRun>): Indexer {
  const begin = (options: IndexRunOptions, start: (options: IndexOptions) => Promise<IndexReport>) =>
    new IndexRun(native, running, options, start);
  return {
    scan({ configDirs, ...options } = {}) {
      const where = configDirs === undefined ? {} : { configDirs };
      return begin(options, (job) => native.fullScanAndIndexAsync(dbPath, { ...job, ...where }));
    },
    indexProject(projectDir, options = {}) {
      return begin(options, (job) => native.indexProjectDirectoryAsync(dbPath, projectDir, job));
    },
    indexFile(filePath, options = {}) {
      return begin(options, (job) => native.indexSessionFileAsync(dbPath, filePath, job));
    },
    scanSync() {
      return native.fullScanAndIndex(dbPath);
    },
    indexProjectSync(projectDir, sourceConfigDir) {
      return native.indexProjectDirectory(dbPath, projectDir, sourceConfigDir);
    },
    indexFileSync(filePath, sourceConfigDir) {
      return native.indexSessionFile(dbPath, filePath, sourceConfigDir);
    },
    verify({ paths, repair = false, signal, onProgress } = {}) {
      const where = paths === undefined ? {} : { paths };
      return runJob<VerifyReport, IndexProgress>(
        native,
        'compare the store with its sources',
        { signal, onProgress },
        (job) => native.verifyIndexAsync(dbPath, { ...job, ...where, repair }),
      );
    },
    brokenLines(limit) {
      return native.listBrokenLines(dbPath, limit);
    },
    listSessionFiles(dirPath) {
      return native.listSessionFiles(dirPath);
    },
    listJsonlFiles(dirPath, { prefix, suffix } = {}) {
      return native.listJsonlFiles(dirPath, prefix, suffix);
    },
  };
}
