/** Files that a text names behind a verb. */
import type { ExtractionResult } from '@han/native';
import type { Native } from './native.js';

/**
 * Files that a text names behind a verb: "Read src/main.rs", "Created `docs/a.md`", "file: notes.txt". Reached as
 * `HanClient.fileOperations`; it needs no database.
 *
 * A path has 3 to 500 bytes of word characters, dots, slashes and dashes, and an extension of 1 to 10 small letters. Each
 * counts once. The time that a text takes grows with its length alone.
 */
export interface FileOperations {
  /**
   * The files that a text names: those that were read first, then written, edited, and those that are only called files.
   *
   * @example
   * ```ts
   * const { operations } = HanClient.fileOperations.extract('Reading src/main.ts, then updated README.md.');
   * for (const { path, operation } of operations) console.log(operation, path);
   * ```
   */
  extract(content: string): ExtractionResult;

  /**
   * As {@link FileOperations.extract}, for each of many texts.
   *
   * @example
   * ```ts
   * const results = await HanClient.fileOperations.extractAll(messages.map(({ content }) => content ?? ''));
   * ```
   */
  extractAll(contents: string[]): Promise<ExtractionResult[]>;

  /**
   * As {@link FileOperations.extractAll}, on the calling thread.
   *
   * @example
   * ```ts
   * const [first] = HanClient.fileOperations.extractAllSync(['Edit a.ts', 'Read b.ts']);
   * ```
   */
  extractAllSync(contents: string[]): ExtractionResult[];
}

/** Makes {@link FileOperations} over the functions of the addon. */
export function createFileOperations(native: Native): FileOperations {
  return {
    extract: (content) => native.extractFileOperations(content),
    extractAll: async (contents) => await native.extractFileOperationsBatchAsync(contents),
    extractAllSync: (contents) => native.extractFileOperationsBatch(contents),
  };
}
