/** Texts that a command line names: lists, patterns, manifests. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { exitCode } from './exit-codes.js';
import { CommandFailure } from './failures.js';

/** What goes wrong with files, in our words. */
const failures: Record<string, { code: string; why: string }> = {
  ENOENT: { code: 'FILE_NOT_FOUND', why: 'there is no such file' },
  ENOTDIR: { code: 'FILE_NOT_FOUND', why: 'there is no such file' },
  EACCES: { code: 'FILE_UNREADABLE', why: 'it may not be read' },
  EPERM: { code: 'FILE_UNREADABLE', why: 'it may not be read' },
  EISDIR: { code: 'NOT_A_FILE', why: 'it is a folder' },
};

/**
 * The text of a file; `-` is the standard input.
 *
 * @param remedies - What helps, by code.
 * @throws CommandFailure `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `NOT_A_FILE` or `IO_FAILED`.
 */
export async function readText(file: string, remedies: Record<string, string> = {}): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (thrown) {
    const { code: system = '', message } = thrown as NodeJS.ErrnoException;
    const { code, why } = failures[system] ?? { code: 'IO_FAILED', why: message };
    throw new CommandFailure(exitCode.failure, code, `read ${file}: ${why}`, remedies[code]);
  }
}

/** The entries of a list, of which each ends with a line feed or with NUL; empty ones do not count. */
export async function readList(file: string, endsWithNul = false): Promise<string[]> {
  const list = await readText(file);
  return list.split(endsWithNul ? '\0' : /\r?\n/).filter((entry) => entry !== '');
}
