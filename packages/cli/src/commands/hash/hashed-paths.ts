/** Hashing of many files, with progress and Ctrl-C. */
import type { HashAlgorithm } from '@han/client';
import { loadClient } from '../../archive.js';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { CommandFailure } from '../../failures.js';
import { interruptible } from '../../interrupt.js';
import { writeFailure } from '../../output/failure.js';
import { counted } from '../../output/units.js';
import { startHashProgress } from './progress.js';

/** A file with its hash, or with what is wrong with it. */
export interface HashedPath {
  path: string;
  hash?: string;
  code?: string;
  message?: string;
}

/** What became of the files. */
export interface HashedPaths {
  /** In the order of the paths, without those that were not reached. */
  files: HashedPath[];
  /** `partial` when it was interrupted. */
  status: 'complete' | 'partial';
  /** The exit code that a signal asks for. */
  exit: ExitCode | undefined;
}

/** Hashes files. What is wrong with one is told on stderr, unless the answer is JSON, which has it. */
export async function hashPaths(
  context: Context,
  paths: string[],
  algorithm: HashAlgorithm,
): Promise<HashedPaths> {
  const { HanClient } = await loadClient();
  const progress = await startHashProgress(context);
  const { value, exit } = await interruptible((signal) =>
    HanClient.hash.files(paths, { algorithm, signal, onProgress: progress.update }),
  ).finally(progress.stop);
  const failures = new Map(value.failures.map((failure) => [failure.index, failure]));
  const files: HashedPath[] = [];
  for (const [index, path] of paths.entries()) {
    const failure = failures.get(index);
    const hash = value.hashes[index];
    if (failure !== undefined) {
      files.push({ path, code: failure.code, message: failure.message });
    } else if (hash) {
      files.push({ path, hash });
    }
  }
  if (!context.json) {
    await tell(context, files);
    if (exit !== undefined) {
      await context.err.line(`Interrupted: ${files.length} of ${counted(paths.length, 'file')} done.`);
    }
  }
  return { files, status: value.status, exit };
}

async function tell(context: Context, files: HashedPath[]): Promise<void> {
  for (const { path, code, message } of files) {
    if (code !== undefined && message !== undefined) {
      const words = message.replace(/^\[[A-Z0-9_]+\] /, '');
      const isFolder = code === 'NOT_A_FILE' && words.endsWith('it is a folder');
      const remedy = isFolder ? `for the files in it: han hash "${path.replace(/\/+$/, '')}/**"` : undefined;
      await writeFailure(context, new CommandFailure(exitCode.failure, code, words, remedy));
    }
  }
}
