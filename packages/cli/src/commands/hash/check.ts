/** `han hash --check`: whether files have the hashes that a list says. */
import type { HashAlgorithm } from '@han/client';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { CommandFailure } from '../../failures.js';
import { writeJson } from '../../output/json.js';
import { printable } from '../../output/printable.js';
import { counted } from '../../output/units.js';
import { readText } from '../../text-input.js';
import { hashPaths } from './hashed-paths.js';
import { type Checksum, parseChecksumLine } from './lines.js';

/** Digits of a hash. One of another length is that of another function, and says nothing of the file. */
const digits: Record<HashAlgorithm, number> = { sha256: 64, blake3: 64, 'xxh3-128': 32 };

/** Compares files with the hashes of a list, and says for each whether it has its own. */
export async function check(context: Context, list: string, algorithm: HashAlgorithm): Promise<ExitCode> {
  const { checksums, unread } = await readChecksums(list, algorithm);
  const paths = checksums.map(({ path }) => path);
  const { files, status, exit } = await hashPaths(context, paths, algorithm);
  if (exit !== undefined) {
    return exit;
  }
  const results = files.map(({ path, hash }, index) => ({
    path,
    result: hash === undefined ? 'unreadable' : hash === checksums[index]?.hash ? 'ok' : 'failed',
  }));
  const failed = results.filter(({ result }) => result !== 'ok').length;
  if (context.json) {
    await writeJson(context.out, { status, algorithm, files: results, failed, unreadLines: unread });
  } else {
    for (const { path, result } of results) {
      const word = result === 'ok' ? 'OK' : result === 'failed' ? 'FAILED' : 'FAILED open or read';
      await context.out.line(printable(`${path.replaceAll('\n', '\\n')}: ${word}`));
    }
    if (failed > 0) {
      await context.err.line(`${counted(failed, 'file')} of ${results.length} did not match.`);
    }
    if (unread > 0) {
      await context.err.line(`${counted(unread, 'line')} of the list could not be understood.`);
    }
  }
  return failed > 0 || unread > 0 ? exitCode.failure : exitCode.ok;
}

async function readChecksums(
  list: string,
  algorithm: HashAlgorithm,
): Promise<{ checksums: Checksum[]; unread: number }> {
  const lines = (await readText(list)).split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const checksums = lines
    .map(parseChecksumLine)
    .filter((checksum) => checksum?.hash.length === digits[algorithm])
    .filter((checksum) => checksum !== undefined);
  if (checksums.length === 0) {
    throw new CommandFailure(
      exitCode.failure,
      'CHECKSUMS_NOT_FOUND',
      `read checksums of ${algorithm} from ${list === '-' ? 'the standard input' : list}: there are none`,
      `lines read: HASH, two blanks, PATH; a hash of ${algorithm} has ${digits[algorithm]} digits, for others there is --algorithm`,
    );
  }
  return { checksums, unread: lines.length - checksums.length };
}
