/** Configuration folders: where agents keep their transcripts. */
import type { ConfigDir, ConfigDirInput, ConfigDirPage, PageOptions } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** The configuration folders of a database. Reached as `client.configDirs`. */
export interface ConfigDirs {
  /**
   * Registers a folder or changes the one with the same path: its name where one is given, and whether it is the
   * default (absent means no). One folder at most is the default.
   *
   * @example
   * ```ts
   * client.configDirs.register({ path: '/home/ann/.claude', name: 'home', isDefault: true });
   * ```
   */
  register(input: ConfigDirInput): ConfigDir;

  /**
   * Every folder with the number of its sessions, the default one first, then in the order of registration.
   *
   * @example
   * ```ts
   * for (const { path, sessionCount } of client.configDirs.list()) console.log(path, sessionCount);
   * ```
   */
  list(): ConfigDir[];

  /**
   * The folder with this path, or `null`.
   *
   * @example
   * ```ts
   * client.configDirs.getByPath('/home/ann/.claude')?.lastIndexedAt;
   * ```
   */
  getByPath(path: string): ConfigDir | null;

  /**
   * The default folder, or `null` when none is.
   *
   * @example
   * ```ts
   * client.configDirs.getDefault()?.path;
   * ```
   */
  getDefault(): ConfigDir | null;

  /**
   * Notes that a folder was indexed now. Always `true`, also for an unknown path.
   *
   * @example
   * ```ts
   * client.configDirs.updateLastIndexed('/home/ann/.claude');
   * ```
   */
  updateLastIndexed(path: string): boolean;

  /**
   * Forgets a folder, but not its sessions. Returns whether there was one.
   *
   * @example
   * ```ts
   * client.configDirs.unregister('/mnt/old/.claude');
   * ```
   */
  unregister(path: string): boolean;

  /**
   * One page of folders, in the order they were registered.
   *
   * @example
   * ```ts
   * const { items } = client.configDirs.page({ limit: 20 });
   * ```
   */
  page(options?: PageOptions): ConfigDirPage;

  /**
   * Every folder, in the order they were registered; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const { path } of client.configDirs.all()) console.log(path);
   * ```
   */
  all(pageSize?: number): AsyncGenerator<ConfigDir, void, undefined>;
}

/** Makes {@link ConfigDirs} over the functions of the addon, for one database. */
export function createConfigDirs(native: Native, dbPath: string): ConfigDirs {
  const page = (options?: PageOptions) => native.listConfigDirsPage(dbPath, options);
  return {
    register(input) {
      return native.registerConfigDir(dbPath, input);
    },
    list() {
      return native.listConfigDirs(dbPath);
    },
    getByPath(path) {
      return native.getConfigDirByPath(dbPath, path);
    },
    getDefault() {
      return native.getDefaultConfigDir(dbPath);
    },
    updateLastIndexed(path) {
      return native.updateConfigDirLastIndexed(dbPath, path);
    },
    unregister(path) {
      return native.unregisterConfigDir(dbPath, path);
    },
    page,
    all(pageSize) {
      return itemsOf(pageSize, page);
    },
  };
}
