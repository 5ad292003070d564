/** Patterns for paths, and the files and folders of a tree that match. */
import type { GlobProgress, GlobResult } from '@han/native';
import { refuseAborted } from './cancellation.js';
import { runJob } from './jsonl-job.js';
import type { Native } from './native.js';

/** How patterns are read. */
export interface GlobMatchOptions {
  /**
   * `compatible` (when not given): `*` and `?` cross folders, and hidden entries are left out. `shell`: as shells and
   * JavaScript tools have it; `*` stays in its folder, `**` crosses folders, `!pattern` takes away.
   */
  rules?: 'compatible' | 'shell' | undefined;
  /** Whether entries whose name begins with a dot are like all others; `false` when not given. */
  dot?: boolean | undefined;
  /** Whether upper and lower case are the same; `false` when not given. */
  caseInsensitive?: boolean | undefined;
}

/** Which files are looked at. */
export interface GlobFindOptions extends GlobMatchOptions {
  /** Whether symbolic links stand for what they lead to; `false` when not given. */
  follow?: boolean | undefined;
  /** Levels below the root; 1: only what lies directly in it. */
  maxDepth?: number | undefined;
  /** Files at most: the first ones in their order. */
  limit?: number | undefined;
  /** Absolute paths, instead of those relative to the root with `/` between names. */
  absolute?: boolean | undefined;
  /** `false`: no ignore file is obeyed, whatever the other switches say. */
  ignoreFiles?: boolean | undefined;
  /** Whether `.gitignore` files are obeyed, in a repository; `true` when not given. */
  gitIgnore?: boolean | undefined;
  /** Whether `info/exclude` of the repository is obeyed; `true` when not given. */
  gitExclude?: boolean | undefined;
  /** Whether the user's ignore file for git is obeyed; `true` when not given. */
  gitGlobal?: boolean | undefined;
  /** Whether `.ignore` files are obeyed; `true` when not given. */
  dotIgnore?: boolean | undefined;
  /** Whether ignore files of the folders above the root are obeyed; `true` when not given. */
  parentIgnore?: boolean | undefined;
}

/** What ends a walk. */
export interface GlobSignalOptions {
  /** Ends the work when it is aborted. One that is aborted before makes it reject at once, with code `CANCELLED`. */
  signal?: AbortSignal | undefined;
}

/** What watches and ends a walk. */
export interface GlobRunOptions extends GlobSignalOptions {
  /** Called about 20 times a second at most. When it throws, the work ends and rejects with what was thrown. */
  onProgress?: ((progress: GlobProgress) => void) | undefined;
}

/**
 * Files and folders of a tree that match patterns. Reached as `HanClient.glob`, which needs no database, and as
 * `client.glob`.
 *
 * Ignore files are obeyed as git does, with a switch for each kind. What cannot be read below the root is no error but
 * stands in the answer. Lists are sorted by the bytes of the paths.
 *
 * What cannot be done fails with a `HanError`: `INVALID_PATTERN`, with the place in the pattern; `FILE_NOT_FOUND`,
 * `FILE_UNREADABLE` or `NOT_A_DIRECTORY` for the root; `INVALID_ARGUMENT`.
 */
export interface Glob {
  /**
   * The files below a folder that match, and what was met on the way. When its signal is aborted, what was found until
   * then, with `status: 'partial'`.
   *
   * @example
   * ```ts
   * const { files } = await HanClient.glob.find('.', ['src/*.ts', '!*.test.ts'], { rules: 'shell' });
   * ```
   */
  find(root: string, patterns: string[], options?: GlobFindOptions & GlobRunOptions): Promise<GlobResult>;

  /**
   * As {@link Glob.find}, on the calling thread.
   *
   * @example
   * ```ts
   * const { files, errorCount } = HanClient.glob.findSync('src', ['*.rs'], { absolute: true });
   * ```
   */
  findSync(root: string, patterns: string[], options?: GlobFindOptions): GlobResult;

  /**
   * The files that match, one by one while the walk goes on, in no particular order. Leaving the loop ends the walk.
   *
   * @throws HanError (in the loop) also `CANCELLED` when the signal is aborted.
   *
   * @example
   * ```ts
   * for await (const file of HanClient.glob.files('.', ['*.log'])) {
   *   if (await isWanted(file)) break;
   * }
   * ```
   */
  files(
    root: string,
    patterns: string[],
    options?: GlobFindOptions & GlobSignalOptions,
  ): AsyncGenerator<string, void, undefined>;

  /**
   * The absolute paths of the files that match, by compatible rules. Empty when the root cannot be looked into.
   *
   * @throws HanError (as a rejection) also `CANCELLED` when the signal is aborted.
   *
   * @example
   * ```ts
   * const sources = await HanClient.glob.filesWithGlob('.', ['*.{ts,tsx}']);
   * ```
   */
  filesWithGlob(root: string, patterns: string[], options?: GlobRunOptions): Promise<string[]>;

  /**
   * As {@link Glob.filesWithGlob}, on the calling thread.
   *
   * @example
   * ```ts
   * const sources = HanClient.glob.filesWithGlobSync('.', ['*.ts']);
   * ```
   */
  filesWithGlobSync(root: string, patterns: string[]): string[];

  /**
   * The absolute paths of the folders that directly hold something which matches a marker, the root among them.
   *
   * @throws HanError (as a rejection) also `CANCELLED` when the signal is aborted.
   *
   * @example
   * ```ts
   * const packages = await HanClient.glob.directoriesWithMarkers('.', ['package.json', '*.csproj']);
   * ```
   */
  directoriesWithMarkers(root: string, markers: string[], options?: GlobRunOptions): Promise<string[]>;

  /**
   * As {@link Glob.directoriesWithMarkers}, on the calling thread.
   *
   * @example
   * ```ts
   * const crates = HanClient.glob.directoriesWithMarkersSync('.', ['Cargo.toml']);
   * ```
   */
  directoriesWithMarkersSync(root: string, markers: string[]): string[];

  /**
   * Those of some relative paths that match, in their order. Nothing is looked up.
   *
   * @example
   * ```ts
   * const staged = HanClient.glob.match(paths, ['*.ts'], { rules: 'shell' });
   * ```
   */
  match(paths: string[], patterns: string[], options?: GlobMatchOptions): string[];
}

/** Makes {@link Glob} over the functions of the addon. */
export function createGlob(native: Native): Glob {
  return {
    find: async (root, patterns, { signal, onProgress, ...options } = {}) =>
      await runJob<GlobResult, GlobProgress>(native, `look into ${root}`, { signal, onProgress }, (job) =>
        native.globFilesAsync(root, patterns, { ...given(options), ...job }),
      ),
    findSync: (root, patterns, options = {}) => native.globFiles(root, patterns, given(options)),
    files: (root, patterns, options) => filesOf(native, root, patterns, options),
    filesWithGlob: async (root, patterns, run = {}) =>
      await runJob<string[], GlobProgress>(native, `look into ${root}`, run, (job) =>
        native.findFilesWithGlobAsync(root, patterns, job),
      ),
    filesWithGlobSync: (root, patterns) => native.findFilesWithGlob(root, patterns),
    directoriesWithMarkers: async (root, markers, run = {}) =>
      await runJob<string[], GlobProgress>(native, `look into ${root}`, run, (job) =>
        native.findDirectoriesWithMarkersAsync(root, markers, job),
      ),
    directoriesWithMarkersSync: (root, markers) => native.findDirectoriesWithMarkers(root, markers),
    match: (paths, patterns, options = {}) => native.matchGlob(paths, patterns, given(options)),
  };
}

async function* filesOf(
  native: Native,
  root: string,
  patterns: string[],
  { signal, ...options }: GlobFindOptions & GlobSignalOptions = {},
): AsyncGenerator<string, void, undefined> {
  const attempt = `look into ${root}`;
  refuseAborted(signal, attempt);
  const walk = native.openGlob(root, patterns, given(options));
  const close = () => native.closeGlob(walk);
  signal?.addEventListener('abort', close, { once: true });
  try {
    for (;;) {
      const files = await native.globNextFiles(walk);
      refuseAborted(signal, attempt);
      if (files === null) {
        return;
      }
      for (const file of files) {
        yield file;
        refuseAborted(signal, attempt);
      }
    }
  } finally {
    signal?.removeEventListener('abort', close);
    close();
  }
}

/** Options without those that are `undefined`. */
function given<T extends object>(options: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
