/** Which files a command line names. */
import { existsSync } from 'node:fs';
import { loadClient } from '../../archive.js';
import { exitCode } from '../../exit-codes.js';
import { CommandFailure } from '../../failures.js';

/**
 * Paths as they were typed, and in place of each pattern the files below this folder that match it.
 *
 * @throws CommandFailure `NOTHING_FOUND` for a pattern that matches no file; HanError `INVALID_PATTERN`.
 */
export async function namedPaths(paths: string[]): Promise<string[]> {
  const named: string[] = [];
  for (const path of paths) {
    // A file may be called like a pattern.
    if (!/[*?[{]/.test(path) || existsSync(path)) {
      named.push(path);
      continue;
    }
    const found = await matching(path);
    if (found.length === 0) {
      throw new CommandFailure(
        exitCode.nothingFound,
        'NOTHING_FOUND',
        `no file matches ${path}`,
        'patterns match files below the current folder that git does not ignore; without quotes the shell expands them',
      );
    }
    named.push(...found);
  }
  return named;
}

async function matching(pattern: string): Promise<string[]> {
  const { HanClient } = await loadClient();
  return (await HanClient.glob.find('.', [pattern])).files;
}
