/** Validations of files: which content a hook found in order, and which files still wait for it. */
import type {
  FileValidationPage,
  FileValidationStatus,
  FileValidationStatusPage,
  PageOptions,
  SessionFileValidation,
  SessionFileValidationInput,
} from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** A hook in a folder, during a session: what validations are kept for. */
export interface ValidatingHook {
  /** The whole id of the session. */
  sessionId: string;
  /** The plugin that the hook belongs to. */
  pluginName: string;
  /** The hook. */
  hookName: string;
  /** The folder that the hook runs in. */
  directory: string;
}

/**
 * The validations of files in a database. Reached as `client.fileValidations`.
 *
 * Of each file the change that was recorded last decides. Changes and validations meet by the text of the path, so both
 * should be given in the same form.
 */
export interface FileValidations {
  /**
   * Whether a file that the session changed has content which the hook has not validated with this command. A change
   * without a hash needs a validation with `fileHash` `''` after it. False without changes.
   *
   * @example
   * ```ts
   * const hook = { sessionId, pluginName: 'lint', hookName: 'check', directory: '/app' };
   * if (client.fileValidations.needed(hook, commandHash)) run(hook);
   * ```
   */
  needed(hook: ValidatingHook, commandHash: string): boolean;

  /**
   * How every file that the session changed stands with the hook, by path.
   *
   * @example
   * ```ts
   * const stale = client.fileValidations.statuses(hook).filter((file) => file.validationHash !== file.modificationHash);
   * ```
   */
  statuses(hook: ValidatingHook): FileValidationStatus[];

  /**
   * What the hook said of a file, or `null`.
   *
   * @example
   * ```ts
   * console.log(client.fileValidations.get(hook, '/app/main.ts')?.validatedAt);
   * ```
   */
  get(hook: ValidatingHook, filePath: string): SessionFileValidation | null;

  /**
   * All validations by the hook in its session, newest first.
   *
   * @example
   * ```ts
   * const [latest] = client.fileValidations.list(hook);
   * ```
   */
  list(hook: ValidatingHook): SessionFileValidation[];

  /**
   * All validations in a session by file, those of a file newest first.
   *
   * @example
   * ```ts
   * for (const { filePath, hookName } of client.fileValidations.ofSession(sessionId)) console.log(filePath, hookName);
   * ```
   */
  ofSession(sessionId: string): SessionFileValidation[];

  /**
   * Records a validation at the time of now, in place of what the hook said of that file before. A session that does
   * not exist is made.
   *
   * @example
   * ```ts
   * client.fileValidations.record({ ...hook, filePath: '/app/main.ts', fileHash, commandHash });
   * ```
   */
  record(input: SessionFileValidationInput): SessionFileValidation;

  /**
   * Deletes the hook's validations of files that are not listed, all of them when the list is empty; returns how many
   * there were. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * await client.fileValidations.deleteStale(hook, ['/app/main.ts']);
   * ```
   */
  deleteStale(hook: ValidatingHook, currentFilePaths: string[]): Promise<number>;

  /**
   * As {@link FileValidations.deleteStale}, on the calling thread.
   *
   * @example
   * ```ts
   * client.fileValidations.deleteStaleSync(hook, []);
   * ```
   */
  deleteStaleSync(hook: ValidatingHook, currentFilePaths: string[]): number;

  /**
   * One page of the validations by the hook in its session, by file.
   *
   * @example
   * ```ts
   * const { items } = client.fileValidations.page(hook, { limit: 20 });
   * ```
   */
  page(hook: ValidatingHook, options?: PageOptions): FileValidationPage;

  /**
   * Every validation by the hook in its session, by file; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const { filePath } of client.fileValidations.all(hook)) console.log(filePath);
   * ```
   */
  all(hook: ValidatingHook, pageSize?: number): AsyncGenerator<SessionFileValidation, void, undefined>;

  /**
   * One page of all validations in a session, by file.
   *
   * @example
   * ```ts
   * const { items } = client.fileValidations.sessionPage(sessionId);
   * ```
   */
  sessionPage(sessionId: string, options?: PageOptions): FileValidationPage;

  /**
   * Every validation in a session, by file; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const { hookName } of client.fileValidations.allOfSession(sessionId)) console.log(hookName);
   * ```
   */
  allOfSession(sessionId: string, pageSize?: number): AsyncGenerator<SessionFileValidation, void, undefined>;

  /**
   * One page of `statuses`, by path.
   *
   * @example
   * ```ts
   * const { items } = client.fileValidations.statusesPage(hook);
   * ```
   */
  statusesPage(hook: ValidatingHook, options?: PageOptions): FileValidationStatusPage;

  /**
   * How every file that the session changed stands with the hook, by path; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const { filePath } of client.fileValidations.allStatuses(hook)) console.log(filePath);
   * ```
   */
  allStatuses(hook: ValidatingHook, pageSize?: number): AsyncGenerator<FileValidationStatus, void, undefined>;

  /**
   * As `record` for many, in one transaction: all are written, or none. Returns what was written in the order of
   * the input. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * await client.fileValidations.recordMany(validations);
   * ```
   */
  recordMany(inputs: SessionFileValidationInput[]): Promise<SessionFileValidation[]>;

  /**
   * As `recordMany`, on the calling thread.
   *
   * @example
   * ```ts
   * client.fileValidations.recordManySync(validations);
   * ```
   */
  recordManySync(inputs: SessionFileValidationInput[]): SessionFileValidation[];
}

/** Makes {@link FileValidations} over the functions of the addon, for one database. */
export function createFileValidations(native: Native, dbPath: string): FileValidations {
  const page = ({ sessionId, pluginName, hookName, directory }: ValidatingHook, options?: PageOptions) =>
    native.listSessionValidationsPage(dbPath, sessionId, pluginName, hookName, directory, options);
  const statusesPage = (
    { sessionId, pluginName, hookName, directory }: ValidatingHook,
    options?: PageOptions,
  ) => native.listFilesForValidationPage(dbPath, sessionId, pluginName, hookName, directory, options);
  const sessionPage = (sessionId: string, options?: PageOptions) =>
    native.listAllSessionValidationsPage(dbPath, sessionId, options);
  return {
    needed({ sessionId, pluginName, hookName, directory }, commandHash) {
      return native.needsValidation(dbPath, sessionId, pluginName, hookName, directory, commandHash);
    },
    statuses({ sessionId, pluginName, hookName, directory }) {
      return native.getFilesForValidation(dbPath, sessionId, pluginName, hookName, directory);
    },
    get({ sessionId, pluginName, hookName, directory }, filePath) {
      return native.getFileValidation(dbPath, sessionId, filePath, pluginName, hookName, directory);
    },
    list({ sessionId, pluginName, hookName, directory }) {
      return native.getSessionValidations(dbPath, sessionId, pluginName, hookName, directory);
    },
    ofSession(sessionId) {
      return native.getAllSessionValidations(dbPath, sessionId);
    },
    record(input) {
      return native.recordFileValidation(dbPath, input);
    },
    async deleteStale({ sessionId, pluginName, hookName, directory }, paths) {
      return await native.deleteStaleValidationsAsync(
        dbPath,
        sessionId,
        pluginName,
        hookName,
        directory,
        paths,
      );
    },
    deleteStaleSync({ sessionId, pluginName, hookName, directory }, paths) {
      return native.deleteStaleValidations(dbPath, sessionId, pluginName, hookName, directory, paths);
    },
    page,
    all(hook, pageSize) {
      return itemsOf(pageSize, (position) => page(hook, position));
    },
    sessionPage,
    allOfSession(sessionId, pageSize) {
      return itemsOf(pageSize, (position) => sessionPage(sessionId, position));
    },
    statusesPage,
    allStatuses(hook, pageSize) {
      return itemsOf(pageSize, (position) => statusesPage(hook, position));
    },
    async recordMany(inputs) {
      return await native.recordFileValidationsAsync(dbPath, inputs);
    },
    recordManySync(inputs) {
      return native.recordFileValidations(dbPath, inputs);
    },
  };
}
