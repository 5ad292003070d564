/** Which files a command line or a list names. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
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
      throw new CommandFailure(exitCode.nothingFound, 'NOTHING_FOUND', `no file matches ${path}`);
    }
    named.push(...found);
  }
  return named;
}

async function matching(pattern: string): Promise<string[]> {
  const { HanClient } = await loadClient();
  return (await HanClient.glob.find('.', [pattern])).files;
}

/** The paths in a list, of which each ends with a line feed or with NUL. */
export async function listedPaths(file: string, endWithNul = false): Promise<string[]> {
  const list = await readText(file);
  return list.split(endWithNul ? '\0' : /\r?\n/).filter((path) => path !== '');
}

/** The text of a file; `-` is the standard input. */
export async function readText(file: string): Promise<string> {
  return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
}
