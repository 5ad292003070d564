/** `han hash`: the hashes of files. Needs no database. */
import type { HashAlgorithm } from '@han/client';
import { type Command, Option } from 'commander';
import { loadClient } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { usageFailure } from '../failures.js';
import type { Runner } from '../main.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import { readList } from '../text-input.js';
import { check } from './hash/check.js';
import { type HashedPath, hashPaths } from './hash/hashed-paths.js';
import { checksumLine } from './hash/lines.js';
import { namedPaths } from './hash/paths.js';

/** The options of the command. */
export interface HashCommandOptions {
  algorithm: HashAlgorithm;
  check?: string;
  filesFrom?: string;
  null?: boolean;
}

const algorithms: HashAlgorithm[] = ['sha256', 'blake3', 'xxh3-128'];

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'Print the hashes of files, as sha256sum does, on all cores. A pattern such as "src/**" stands for the files that match it, under the ignore files of git; "*" crosses folders.',
    )
    .argument('[paths...]', 'files or patterns; "-" or none: the standard input')
    .addOption(
      new Option('--algorithm <name>', 'the hash function').choices(algorithms).default(algorithms[0]),
    )
    .option('--check <file>', 'read hashes and paths from this file ("-": the standard input) and compare')
    .option(
      '--files-from <file>',
      'hash the paths that this file lists, one per line ("-": the standard input)',
    )
    .option('-0, --null', 'paths in that list end with NUL, and lines of the answer too')
    .addHelpText(
      'after',
      `
Examples:
  $ han hash package.json
  $ han hash "src/**" --algorithm blake3
  $ git ls-files -z | han hash --files-from - -0
  $ han hash dist/* > SHA256SUMS && han hash --check SHA256SUMS

Exit code 1: a file could not be read, or does not have its hash.`,
    )
    .action(runner(run));
}

async function run(context: Context, paths: string[], options: HashCommandOptions): Promise<ExitCode> {
  if (options.check !== undefined) {
    if (paths.length > 0 || options.filesFrom !== undefined) {
      throw usageFailure('--check takes the paths from its file', 'leave other paths out');
    }
    return await check(context, options.check, options.algorithm);
  }
  const listed = options.filesFrom === undefined ? [] : await readList(options.filesFrom, options.null);
  const named = [...(await namedPaths(paths)), ...listed];
  if (named.length === 0 && options.filesFrom === undefined && paths.length === 0) {
    named.push('-');
  }
  if (named.includes('-')) {
    return await hashWithInput(context, named, options);
  }
  const { files, status, exit } = await hashPaths(context, named, options.algorithm);
  await write(context, files, status, options);
  return exit ?? (files.some(({ hash }) => hash === undefined) ? exitCode.failure : exitCode.ok);
}

/** As usual, where the standard input is one of the files. */
async function hashWithInput(
  context: Context,
  paths: string[],
  options: HashCommandOptions,
): Promise<ExitCode> {
  if (paths.filter((path) => path === '-').length > 1 || options.filesFrom === '-') {
    throw usageFailure(
      '- is named more than once',
      'the standard input can be read once; ./- is a file of that name',
    );
  }
  const { HanClient } = await loadClient();
  const hash = await HanClient.hash.stream(process.stdin, { algorithm: options.algorithm });
  const others = paths.filter((path) => path !== '-');
  const { files, status, exit } = await hashPaths(context, others, options.algorithm);
  files.splice(paths.indexOf('-'), 0, { path: '-', hash });
  await write(context, files, status, options);
  return exit ?? (files.some((file) => file.hash === undefined) ? exitCode.failure : exitCode.ok);
}

async function write(
  context: Context,
  files: HashedPath[],
  status: string,
  { algorithm, null: endsWithNul }: HashCommandOptions,
): Promise<void> {
  if (context.json) {
    await writeJson(context.out, { status, algorithm, files });
    return;
  }
  for (const { path, hash } of files) {
    if (hash !== undefined) {
      const line = endsWithNul ? `${hash}  ${path}\0` : `${checksumLine(hash, path)}\n`;
      await context.out.write(context.isTerminal ? printable(line) : line);
    }
  }
}
