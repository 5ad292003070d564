/** Git repositories: facts, files, history, work trees. */
import type {
  GitBlameHunk,
  GitBlameOptions,
  GitCommitPage,
  GitDiffStat,
  GitInfo,
  GitLogEntry,
  GitStatus,
  GitWorktree,
} from '@han/native';
import type { Native } from './native.js';
import { type TimeRange, withTexts } from './times.js';

/** How much of the history. */
export interface GitLogOptions {
  /** Commits at most; 100 when not given. */
  maxCount?: number | undefined;
}

/** Which commits, a page at a time. */
export interface GitCommitsOptions extends TimeRange {
  /** Nothing that this revision leads to: as in `git log from..to`. */
  from?: string | undefined;
  /** Only what this revision leads to; HEAD when not given. */
  to?: string | undefined;
  /** 1 to 1000; 100 when not given. */
  limit?: number | undefined;
  /** `nextCursor` of the page before, with the other options the same. */
  cursor?: string | undefined;
}

/** Which commits of a file or folder, a page at a time. */
export interface GitLogPathOptions extends GitCommitsOptions {
  /** Whether the search goes on under the old path where the file was renamed; `false` when not given. */
  follow?: boolean | undefined;
}

/** How a work tree is removed. */
export interface GitWorktreeRemoveOptions {
  /** Whether changes and files that git does not know may be lost; `false` when not given. */
  force?: boolean | undefined;
}

/**
 * The repository that a folder lies in. Reached as `HanClient.git`, which needs no database, and as `client.git`.
 *
 * A repository is looked for in the folder and those above it. Nothing is run (no git program, no hooks, no filters) and
 * nothing is fetched. Names, paths and revisions are only that: `--force` is never an option. Bytes that are no UTF-8
 * become U+FFFD.
 *
 * What cannot be done fails with a `HanError`: `GIT_NOT_A_REPOSITORY`, `GIT_UNSUPPORTED` (SHA-256 objects, reftables, a
 * split index), `GIT_NOT_FOUND`, `GIT_CONFLICT`, `GIT_NOT_TEXT`, `GIT_FAILED`.
 */
export interface Git {
  /**
   * The branch that is checked out, also one without commits; `null` for a detached head or without a repository.
   *
   * @example
   * ```ts
   * const branch = HanClient.git.branch(process.cwd());
   * ```
   */
  branch(folder: string): string | null;

  /**
   * The top folder of the work tree; `null` for a bare repository or none.
   *
   * @example
   * ```ts
   * const root = HanClient.git.root(process.cwd()) ?? process.cwd();
   * ```
   */
  root(folder: string): string | null;

  /**
   * The git folder that all work trees of the repository share; `null` without a repository.
   *
   * @example
   * ```ts
   * const lock = join(HanClient.git.commonDir(folder) ?? folder, 'my.lock');
   * ```
   */
  commonDir(folder: string): string | null;

  /**
   * The URL that `origin` is fetched from; `null` when there is none.
   *
   * @example
   * ```ts
   * console.log(HanClient.git.remoteUrl(folder));
   * ```
   */
  remoteUrl(folder: string): string | null;

  /**
   * Branch, remote and name of the repository; an empty object when there is none.
   *
   * @example
   * ```ts
   * const { branch, repoName } = HanClient.git.info(folder);
   * ```
   */
  info(folder: string): GitInfo;

  /**
   * The files of the index below the folder, relative to it: what `git ls-files` prints there.
   *
   * @example
   * ```ts
   * const sources = await HanClient.git.files('src');
   * ```
   */
  files(folder: string): Promise<string[]>;

  /**
   * As {@link Git.files}, on the calling thread.
   *
   * @example
   * ```ts
   * console.log(HanClient.git.filesSync('.').length);
   * ```
   */
  filesSync(folder: string): string[];

  /**
   * All work trees of the repository, from wherever in it: the main one first.
   *
   * @example
   * ```ts
   * const stale = (await HanClient.git.worktrees(folder)).filter(({ isPrunable }) => isPrunable);
   * ```
   */
  worktrees(folder: string): Promise<GitWorktree[]>;

  /**
   * As {@link Git.worktrees}, on the calling thread.
   *
   * @example
   * ```ts
   * const [main] = HanClient.git.worktreesSync(folder);
   * ```
   */
  worktreesSync(folder: string): GitWorktree[];

  /**
   * The last commits from HEAD on, newest first, following first parents.
   *
   * @example
   * ```ts
   * const [last] = await HanClient.git.log(folder, { maxCount: 1 });
   * ```
   */
  log(folder: string, options?: GitLogOptions): Promise<GitLogEntry[]>;

  /**
   * As {@link Git.log}, on the calling thread.
   *
   * @example
   * ```ts
   * console.log(HanClient.git.logSync(folder, { maxCount: 1 })[0]?.message);
   * ```
   */
  logSync(folder: string, options?: GitLogOptions): GitLogEntry[];

  /**
   * The commits between two moments, or of a range of revisions, newest first: all of them, also what was merged. `since`
   * and `until` are the time of the commit; the search ends where the history is older than `since`.
   *
   * @example
   * ```ts
   * const { items } = await HanClient.git.commitsBetween(folder, { since: session.startedAt, until: session.endedAt });
   * ```
   */
  commitsBetween(folder: string, options?: GitCommitsOptions): Promise<GitCommitPage>;

  /**
   * As {@link Git.commitsBetween}, on the calling thread.
   *
   * @example
   * ```ts
   * const { items } = HanClient.git.commitsBetweenSync(folder, { from: 'main', limit: 10 });
   * ```
   */
  commitsBetweenSync(folder: string, options?: GitCommitsOptions): GitCommitPage;

  /**
   * The commits that changed a file or folder, newest first. `path` is relative to the top of the repository.
   *
   * @example
   * ```ts
   * const { items } = await HanClient.git.logPath(folder, 'src/main.ts', { follow: true });
   * ```
   */
  logPath(folder: string, path: string, options?: GitLogPathOptions): Promise<GitCommitPage>;

  /**
   * As {@link Git.logPath}, on the calling thread.
   *
   * @example
   * ```ts
   * const [last] = HanClient.git.logPathSync(folder, 'package.json', { limit: 1 }).items;
   * ```
   */
  logPathSync(folder: string, path: string, options?: GitLogPathOptions): GitCommitPage;

  /**
   * Which commits the lines of a file come from, in the order of the lines. `path` is relative to the top of the
   * repository; renamed files are followed, and what is in the work tree only is not looked at.
   *
   * @throws HanError (as a rejection) `INVALID_ARGUMENT` for lines that the file does not have.
   *
   * @example
   * ```ts
   * const hunks = await HanClient.git.blame(folder, 'src/main.ts', { startLine: 10, endLine: 20 });
   * for (const { startLine, commit } of hunks) console.log(startLine, commit.shortHash, commit.authorName);
   * ```
   */
  blame(folder: string, path: string, options?: GitBlameOptions): Promise<GitBlameHunk[]>;

  /**
   * As {@link Git.blame}, on the calling thread.
   *
   * @example
   * ```ts
   * const [first] = HanClient.git.blameSync(folder, 'README.md', { endLine: 1 });
   * ```
   */
  blameSync(folder: string, path: string, options?: GitBlameOptions): GitBlameHunk[];

  /**
   * The text of a file as it was in a revision. `path` is relative to the top of the repository.
   *
   * @example
   * ```ts
   * const before = await HanClient.git.showFile(folder, 'HEAD~1', 'src/main.ts');
   * ```
   */
  showFile(folder: string, revision: string, path: string): Promise<string>;

  /**
   * As {@link Git.showFile}, on the calling thread.
   *
   * @example
   * ```ts
   * const readme = HanClient.git.showFileSync(folder, 'v1.0', 'README.md');
   * ```
   */
  showFileSync(folder: string, revision: string, path: string): string;

  /**
   * What `to` has changed against `from`: files with lines added and deleted, renamed ones with their old path.
   *
   * @example
   * ```ts
   * for (const { path, additions } of await HanClient.git.diffStat(folder, 'main', 'HEAD')) console.log(path, additions);
   * ```
   */
  diffStat(folder: string, from: string, to: string): Promise<GitDiffStat[]>;

  /**
   * As {@link Git.diffStat}, on the calling thread.
   *
   * @example
   * ```ts
   * const changed = HanClient.git.diffStatSync(folder, 'HEAD~1', 'HEAD').map(({ path }) => path);
   * ```
   */
  diffStatSync(folder: string, from: string, to: string): GitDiffStat[];

  /**
   * What the files that git knows have changed in the work tree against a revision.
   *
   * @example
   * ```ts
   * const touched = await HanClient.git.changedFiles(folder, 'main');
   * ```
   */
  changedFiles(folder: string, from: string): Promise<GitDiffStat[]>;

  /**
   * As {@link Git.changedFiles}, on the calling thread.
   *
   * @example
   * ```ts
   * const touched = HanClient.git.changedFilesSync(folder, 'HEAD');
   * ```
   */
  changedFilesSync(folder: string, from: string): GitDiffStat[];

  /**
   * What differs between the last commit, the index and the work tree of the whole repository, with counts.
   *
   * @example
   * ```ts
   * const { staged, unstaged, untracked } = await HanClient.git.status(folder);
   * ```
   */
  status(folder: string): Promise<GitStatus>;

  /**
   * As {@link Git.status}, on the calling thread.
   *
   * @example
   * ```ts
   * const isClean = HanClient.git.statusSync(folder).entries.length === 0;
   * ```
   */
  statusSync(folder: string): GitStatus;

  /**
   * The hash of the best common ancestor of two revisions; `null` when they have none.
   *
   * @example
   * ```ts
   * const base = await HanClient.git.mergeBase(folder, 'main', 'HEAD');
   * ```
   */
  mergeBase(folder: string, one: string, other: string): Promise<string | null>;

  /**
   * As {@link Git.mergeBase}, on the calling thread.
   *
   * @example
   * ```ts
   * const base = HanClient.git.mergeBaseSync(folder, 'main', 'HEAD');
   * ```
   */
  mergeBaseSync(folder: string, one: string, other: string): string | null;

  /**
   * Makes a branch at the commit that is checked out, and leaves what is checked out alone.
   *
   * @throws HanError `INVALID_ARGUMENT` for what is no name of a branch, `GIT_CONFLICT` when it exists, `GIT_NOT_FOUND`
   *   without commits.
   *
   * @example
   * ```ts
   * HanClient.git.createBranch(folder, 'feature/search');
   * ```
   */
  createBranch(folder: string, name: string): void;

  /**
   * As {@link Git.createBranch}, off the calling thread.
   *
   * @example
   * ```ts
   * await HanClient.git.createBranchAsync(folder, 'feature/search');
   * ```
   */
  createBranchAsync(folder: string, name: string): Promise<void>;

  /**
   * Makes a linked work tree at `path`, relative to the folder, with an existing branch checked out.
   *
   * @throws HanError (as a rejection) `GIT_NOT_FOUND` for a branch that is not there, `GIT_CONFLICT` when it is checked
   *   out elsewhere or something is at the path.
   *
   * @example
   * ```ts
   * await HanClient.git.addWorktree(folder, '../review', 'feature/search');
   * ```
   */
  addWorktree(folder: string, path: string, branch: string): Promise<void>;

  /**
   * As {@link Git.addWorktree}, on the calling thread.
   *
   * @example
   * ```ts
   * HanClient.git.addWorktreeSync(folder, '../review', 'feature/search');
   * ```
   */
  addWorktreeSync(folder: string, path: string, branch: string): void;

  /**
   * Removes the linked work tree at `path`, relative to the folder, with all that is in it. Its branch stays.
   *
   * @throws HanError (as a rejection) `GIT_NOT_FOUND` when none is there; `GIT_CONFLICT` for the main one, a locked one,
   *   and without `force` one with changes, unknown files or submodules.
   *
   * @example
   * ```ts
   * await HanClient.git.removeWorktree(folder, '../review', { force: true });
   * ```
   */
  removeWorktree(folder: string, path: string, options?: GitWorktreeRemoveOptions): Promise<void>;

  /**
   * As {@link Git.removeWorktree}, on the calling thread.
   *
   * @example
   * ```ts
   * HanClient.git.removeWorktreeSync(folder, '../review');
   * ```
   */
  removeWorktreeSync(folder: string, path: string, options?: GitWorktreeRemoveOptions): void;
}

/** Makes {@link Git} over the functions of the addon. */
export function createGit(native: Native): Git {
  return {
    branch: (folder) => native.getGitBranch(folder),
    root: (folder) => native.getGitRoot(folder),
    commonDir: (folder) => native.getGitCommonDir(folder),
    remoteUrl: (folder) => native.getGitRemoteUrl(folder),
    info: (folder) => native.getGitInfo(folder),
    files: async (folder) => await native.gitLsFilesAsync(folder),
    filesSync: (folder) => native.gitLsFiles(folder),
    worktrees: async (folder) => await native.gitWorktreeListAsync(folder),
    worktreesSync: (folder) => native.gitWorktreeList(folder),
    log: async (folder, { maxCount } = {}) => await native.gitLogAsync(folder, maxCount),
    logSync: (folder, { maxCount } = {}) => native.gitLog(folder, maxCount),
    commitsBetween: async (folder, options = {}) =>
      await native.gitCommitsBetweenAsync(folder, withTexts(options)),
    commitsBetweenSync: (folder, options = {}) => native.gitCommitsBetween(folder, withTexts(options)),
    logPath: async (folder, path, options = {}) =>
      await native.gitLogPathAsync(folder, path, withTexts(options)),
    logPathSync: (folder, path, options = {}) => native.gitLogPath(folder, path, withTexts(options)),
    blame: async (folder, path, options) => await native.gitBlameAsync(folder, path, options),
    blameSync: (folder, path, options) => native.gitBlame(folder, path, options),
    showFile: async (folder, revision, path) => await native.gitShowFileAsync(folder, revision, path),
    showFileSync: (folder, revision, path) => native.gitShowFile(folder, revision, path),
    diffStat: async (folder, from, to) => await native.gitDiffStatAsync(folder, from, to),
    diffStatSync: (folder, from, to) => native.gitDiffStat(folder, from, to),
    changedFiles: async (folder, from) => await native.gitChangedFilesAsync(folder, from),
    changedFilesSync: (folder, from) => native.gitChangedFiles(folder, from),
    status: async (folder) => await native.gitStatusAsync(folder),
    statusSync: (folder) => native.gitStatus(folder),
    mergeBase: async (folder, one, other) => (await native.gitMergeBaseAsync(folder, one, other)) ?? null,
    mergeBaseSync: (folder, one, other) => native.gitMergeBase(folder, one, other),
    createBranch: (folder, name) => native.gitCreateBranch(folder, name),
    createBranchAsync: async (folder, name) => await native.gitCreateBranchAsync(folder, name),
    addWorktree: async (folder, path, branch) => await native.gitWorktreeAddAsync(folder, path, branch),
    addWorktreeSync: (folder, path, branch) => native.gitWorktreeAdd(folder, path, branch),
    removeWorktree: async (folder, path, { force } = {}) =>
      await native.gitWorktreeRemoveAsync(folder, path, force),
    removeWorktreeSync: (folder, path, { force } = {}) => native.gitWorktreeRemove(folder, path, force),
  };
}
