/** Manifests of trees: which files there are, and what they hash to. */
import type { CheckResult, HashProgress, ManifestChanges, ManifestReport } from '@han/native';
import type { HashRunOptions } from './hash.js';
import { runJob } from './jsonl-job.js';
import type { Native } from './native.js';

/** SHA-256 by path. Paths are relative to the root and have forward slashes; the empty text stands for an unreadable file. */
export type ManifestHashes = Record<string, string>;

/**
 * Manifests. Reached as `HanClient.manifest`, which needs no database, and as `client.manifest`.
 *
 * A call walks the tree once, under its ignore files, and reads only files that may have changed since this process hashed
 * them: an edit that keeps size and time is seen too. `*` in a pattern crosses folders: `*.ts` is every TypeScript file.
 * A pattern that cannot be understood is an error, never a pattern that matches nothing.
 */
export interface Manifest {
  /**
   * The manifest of files that are named, whatever way. Files outside of the root, or that do not exist, are left out.
   *
   * @example
   * ```ts
   * const manifest = await HanClient.manifest.build(['src/a.ts'], '.');
   * ```
   */
  build(files: string[], root: string, options?: HashRunOptions): Promise<ManifestHashes>;

  /**
   * As {@link Manifest.build}, on the calling thread.
   *
   * @example
   * ```ts
   * const manifest = HanClient.manifest.buildSync(['src/a.ts'], '.');
   * ```
   */
  buildSync(files: string[], root: string): ManifestHashes;

  /**
   * Whether a tree differs from a manifest of it: the quickest answer, which ends at the first difference.
   *
   * @throws HanError (as a rejection) `INVALID_PATTERN`; `CANCELLED`.
   *
   * @example
   * ```ts
   * if (await HanClient.manifest.hasChanges('.', ['src/**'], kept)) await runTests();
   * ```
   */
  hasChanges(
    root: string,
    patterns: string[],
    kept: ManifestHashes,
    options?: HashRunOptions,
  ): Promise<boolean>;

  /**
   * As {@link Manifest.hasChanges}, on the calling thread.
   *
   * @example
   * ```ts
   * const isStale = HanClient.manifest.hasChangesSync('.', ['src/**'], kept);
   * ```
   */
  hasChangesSync(root: string, patterns: string[], kept: ManifestHashes): boolean;

  /**
   * The manifest of a tree, its files with absolute paths, and whether that differs from a manifest that was kept.
   *
   * @throws HanError (as a rejection) `INVALID_PATTERN`; `CANCELLED`.
   *
   * @example
   * ```ts
   * const { hasChanges, manifest, files } = await HanClient.manifest.checkAndBuild('.', ['*.ts'], kept);
   * ```
   */
  checkAndBuild(
    root: string,
    patterns: string[],
    kept?: ManifestHashes,
    options?: HashRunOptions,
  ): Promise<CheckResult>;

  /**
   * As {@link Manifest.checkAndBuild}, on the calling thread.
   *
   * @example
   * ```ts
   * const { manifest } = HanClient.manifest.checkAndBuildSync('.', ['*.ts']);
   * ```
   */
  checkAndBuildSync(root: string, patterns: string[], kept?: ManifestHashes): CheckResult;

  /**
   * The manifest of a tree, and which files were added, changed and removed. When the signal is aborted meanwhile, what
   * was finished is given, with status `partial`.
   *
   * @throws HanError (as a rejection) `INVALID_PATTERN`; `FILE_NOT_FOUND`, `FILE_UNREADABLE` or `NOT_A_DIRECTORY` of the root.
   *
   * @example
   * ```ts
   * const { added, changed, removed } = await HanClient.manifest.check('.', ['src/**'], kept);
   * ```
   */
  check(
    root: string,
    patterns: string[],
    kept?: ManifestHashes,
    options?: HashRunOptions,
  ): Promise<ManifestReport>;

  /**
   * As {@link Manifest.check}, on the calling thread.
   *
   * @example
   * ```ts
   * const { changed } = HanClient.manifest.checkSync('.', ['src/**'], kept);
   * ```
   */
  checkSync(root: string, patterns: string[], kept?: ManifestHashes): ManifestReport;

  /**
   * What differs between two manifests that were kept.
   *
   * @example
   * ```ts
   * const { added } = HanClient.manifest.compare(yesterday, today);
   * ```
   */
  compare(before: ManifestHashes, after: ManifestHashes): ManifestChanges;
}

/** Makes {@link Manifest} over the functions of the addon. */
export function createManifest(native: Native): Manifest {
  const run = <T>(
    root: string,
    options: HashRunOptions | undefined,
    start: Parameters<typeof runJob<T, HashProgress>>[3],
  ) => runJob<T, HashProgress>(native, `make the manifest of ${root}`, options ?? {}, start);
  return {
    build: async (files, root, options) =>
      await run(root, options, (job) => native.buildManifestAsync(files, root, job)),
    buildSync: (files, root) => native.buildManifest(files, root),
    hasChanges: async (root, patterns, kept, options) =>
      await run(root, options, (job) => native.hasChangesAsync(root, patterns, kept, job)),
    hasChangesSync: (root, patterns, kept) => native.hasChanges(root, patterns, kept),
    checkAndBuild: async (root, patterns, kept, options) =>
      await run(root, options, (job) => native.checkAndBuildManifestAsync(root, patterns, kept, job)),
    checkAndBuildSync: (root, patterns, kept) => native.checkAndBuildManifest(root, patterns, kept),
    check: async (root, patterns, kept, options) =>
      await run(root, options, (job) => native.checkManifestAsync(root, patterns, kept, job)),
    checkSync: (root, patterns, kept) => native.checkManifest(root, patterns, kept),
    compare: (before, after) => native.compareManifests(before, after),
  };
}
