/** Hashes of bytes, streams and files. */
import type { HashedFiles, HashProgress } from '@han/native';
import { refuseAborted } from './cancellation.js';
import { runJob } from './jsonl-job.js';
import type { Native } from './native.js';

/**
 * A hash function: `sha256` (the default everywhere), `blake3` (as safe, several times as fast) or `xxh3-128` (the fastest,
 * not cryptographic: for changes that nobody makes on purpose).
 */
export type HashAlgorithm = 'sha256' | 'blake3' | 'xxh3-128';

/** How something is hashed. */
export interface HashOptions {
  /** The hash function; `sha256` when not given. */
  algorithm?: HashAlgorithm | undefined;
}

/** How a stream is hashed. */
export interface HashStreamOptions extends HashOptions {
  /** Ends the work when it is aborted: it then rejects with code `CANCELLED`. */
  signal?: AbortSignal | undefined;
}

/** What long work on files takes. */
export interface HashRunOptions {
  /** Ends the work when it is aborted. One that is aborted before makes it reject at once, with code `CANCELLED`. */
  signal?: AbortSignal | undefined;
  /** Called about 20 times a second at most. When it throws, the work ends and rejects with what was thrown. */
  onProgress?: ((progress: HashProgress) => void) | undefined;
}

/** How many files are hashed. */
export interface HashFilesOptions extends HashOptions {
  /**
   * Whether a file need not be read again that did not change since this process hashed it, by its size, times and
   * identity; `false` when not given.
   */
  useCache?: boolean | undefined;
}

/** What a stream gives: bytes, or text, which stands for its bytes in UTF-8. */
export type HashSource = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/**
 * Hashes as lower-case hex. Reached as `HanClient.hash`, which needs no database, and as `client.hash`.
 *
 * Regular files are read and nothing else: a folder, a pipe or a device is `NOT_A_FILE`. A symbolic link stands for what it
 * names. A file of any size needs about a megabyte of memory.
 */
export interface Hash {
  /**
   * The hash of bytes, or of the UTF-8 of a text.
   *
   * @throws HanError `INVALID_ARGUMENT` for an unknown algorithm.
   *
   * @example
   * ```ts
   * HanClient.hash.bytes('abc'); // 'ba7816bf…'
   * ```
   */
  bytes(data: Uint8Array | string, options?: HashOptions): string;

  /**
   * The hash of what a stream gives: one of Node, one of the web, or anything else that can be iterated.
   *
   * @example
   * ```ts
   * const hash = await HanClient.hash.stream(process.stdin, { algorithm: 'blake3' });
   * ```
   */
  stream(source: HashSource, options?: HashStreamOptions): Promise<string>;

  /**
   * The SHA-256 of a file; the empty text when it cannot be read. {@link Hash.files} tells why.
   *
   * @example
   * ```ts
   * const before = await HanClient.hash.file('package.json');
   * ```
   */
  file(path: string, options?: HashRunOptions): Promise<string>;

  /**
   * As {@link Hash.file}, on the calling thread.
   *
   * @example
   * ```ts
   * const before = HanClient.hash.fileSync('package.json');
   * ```
   */
  fileSync(path: string): string;

  /**
   * The hashes of many files, in the order of their paths, on all cores. One that cannot be read costs only itself. When the
   * signal is aborted meanwhile, what was hashed before is given, with status `partial`.
   *
   * @example
   * ```ts
   * const { hashes, failures } = await HanClient.hash.files(paths, { algorithm: 'xxh3-128' });
   * ```
   */
  files(paths: string[], options?: HashFilesOptions & HashRunOptions): Promise<HashedFiles>;

  /**
   * As {@link Hash.files}, on the calling thread.
   *
   * @example
   * ```ts
   * const { hashes } = HanClient.hash.filesSync(['a', 'b']);
   * ```
   */
  filesSync(paths: string[], options?: HashFilesOptions): HashedFiles;

  /**
   * The SHA-256 of many files, by their paths as they were given; the empty text for one that cannot be read.
   *
   * @example
   * ```ts
   * const { 'package.json': hash } = await HanClient.hash.filesByPath(['package.json']);
   * ```
   */
  filesByPath(paths: string[], options?: HashRunOptions): Promise<Record<string, string>>;

  /**
   * As {@link Hash.filesByPath}, on the calling thread.
   *
   * @example
   * ```ts
   * const hashes = HanClient.hash.filesByPathSync(paths);
   * ```
   */
  filesByPathSync(paths: string[]): Record<string, string>;

  /** What this process remembers of files that were hashed. */
  readonly cache: HashCache;
}

/**
 * Hashes of files that did not change since they were read. Manifests use it always, {@link Hash.files} when asked to.
 *
 * It lives as long as the process. To let it outlive that, load it at the start and save it at the end: the file is
 * `hash-cache` in the data folder when none is named. Damage makes it as good as none.
 */
export interface HashCache {
  /**
   * Adds what an earlier process saved, and returns of how many files.
   *
   * @example
   * ```ts
   * await HanClient.hash.cache.load();
   * ```
   */
  load(file?: string): Promise<number>;

  /**
   * As {@link HashCache.load}, on the calling thread.
   *
   * @example
   * ```ts
   * HanClient.hash.cache.loadSync();
   * ```
   */
  loadSync(file?: string): number;

  /**
   * Saves what is new, together with what other processes saved meanwhile; returns whether there was something.
   *
   * @example
   * ```ts
   * await HanClient.hash.cache.save();
   * ```
   */
  save(file?: string): Promise<boolean>;

  /**
   * As {@link HashCache.save}, on the calling thread.
   *
   * @example
   * ```ts
   * HanClient.hash.cache.saveSync();
   * ```
   */
  saveSync(file?: string): boolean;

  /**
   * Forgets everything in this process, and returns of how many files. What was saved stays.
   *
   * @example
   * ```ts
   * HanClient.hash.cache.clear();
   * ```
   */
  clear(): number;
}

/** Makes {@link Hash} over the functions of the addon. */
export function createHash(native: Native): Hash {
  return {
    bytes: (data, { algorithm } = {}) => native.hashBytes(data, algorithm),
    stream: async (source, options = {}) => await hashStream(native, source, options),
    file: async (path, options = {}) =>
      await runJob<string, HashProgress>(native, `hash ${path}`, options, (job) =>
        native.computeFileHashAsync(path, job),
      ),
    fileSync: (path) => native.computeFileHash(path),
    files: async (paths, { algorithm, useCache, ...run } = {}) =>
      await runJob<HashedFiles, HashProgress>(native, `hash ${paths.length} files`, run, (job) =>
        native.hashFilesAsync(paths, { ...chosen({ algorithm, useCache }), ...job }),
      ),
    filesSync: (paths, { algorithm, useCache } = {}) =>
      native.hashFiles(paths, chosen({ algorithm, useCache })),
    filesByPath: async (paths, options = {}) =>
      await runJob<Record<string, string>, HashProgress>(
        native,
        `hash ${paths.length} files`,
        options,
        (job) => native.computeFileHashesParallelAsync(paths, job),
      ),
    filesByPathSync: (paths) => native.computeFileHashesParallel(paths),
    cache: {
      load: async (file) => await native.loadHashCacheAsync(file),
      loadSync: (file) => native.loadHashCache(file),
      save: async (file) => await native.saveHashCacheAsync(file),
      saveSync: (file) => native.saveHashCache(file),
      clear: () => native.clearHashCache(),
    },
  };
}

/** Options without those that were not given. */
function chosen({ algorithm, useCache }: HashFilesOptions) {
  return {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(useCache === undefined ? {} : { useCache }),
  };
}

/** Bytes that are hashed before others have their turn on the thread: a few milliseconds. */
const bytesAtOnce = 4 * 1024 * 1024;

async function hashStream(
  native: Native,
  source: HashSource,
  { algorithm, signal }: HashStreamOptions,
): Promise<string> {
  const attempt = 'hash a stream';
  refuseAborted(signal, attempt);
  const hasher = native.createHasher(algorithm);
  try {
    for await (const chunk of untilAborted(source, signal)) {
      refuseAborted(signal, attempt);
      await update(native, hasher, chunk);
    }
    refuseAborted(signal, attempt);
    return native.digestHasher(hasher);
  } finally {
    native.closeHasher(hasher);
  }
}

async function update(native: Native, hasher: number, chunk: Uint8Array | string): Promise<void> {
  const isLong = typeof chunk !== 'string' && chunk.length > bytesAtOnce;
  if (!isLong) {
    native.updateHasher(hasher, chunk);
    return;
  }
  for (let start = 0; start < chunk.length; start += bytesAtOnce) {
    native.updateHasher(hasher, chunk.subarray(start, start + bytesAtOnce));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What a source gives until the signal is aborted, also while it gives nothing. Leaving the loop ends the source. */
async function* untilAborted<T>(
  source: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  // Takes the listener off a signal that may live longer than the stream.
  const over = new AbortController();
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: over.signal });
  });
  let isOver = false;
  try {
    while (!signal.aborted) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next === undefined || next.done) {
        isOver = next !== undefined;
        return;
      }
      yield next.value;
    }
  } finally {
    over.abort();
    if (!isOver) {
      end(source, iterator);
    }
  }
}

/** Ends a source that has not come to its end. One that waits for what never comes would not answer: nobody waits for it. */
function end<T>(source: AsyncIterable<T> | Iterable<T>, iterator: AsyncIterator<T> | Iterator<T>): void {
  if ('destroy' in source && typeof source.destroy === 'function') {
    // A stream of Node, which its iterator ends only when something comes.
    source.destroy();
    return;
  }
  Promise.resolve(iterator.return?.()).catch(() => undefined);
}
