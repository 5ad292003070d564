/** `han glob`: files that match patterns. Needs no database. */
import type { Glob, GlobFindOptions, GlobResult } from '@han/client';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { usageFailure } from '../failures.js';
import { interruptible } from '../interrupt.js';
import type { Runner } from '../main.js';
import { wholeNumber } from '../options.js';
import { writeJson } from '../output/json.js';
import { oneLine } from '../output/printable.js';
import { count } from '../output/units.js';
import { readList } from '../text-input.js';

/** What the command line says. */
interface Options {
  root: string;
  rules: 'shell' | 'compatible';
  hidden?: boolean;
  ignore: boolean;
  follow?: boolean;
  ignoreCase?: boolean;
  maxDepth?: number;
  absolute?: boolean;
  limit?: number;
  null?: boolean;
  patternsFrom?: string;
  markers?: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'List the files below a folder that match, sorted, without those that git ignores. No database is used.',
    )
    .argument('[patterns...]', 'patterns; "!pattern" takes away (default: every file)')
    .option('--root <folder>', 'look into this folder', '.')
    .addOption(
      new Option('--rules <rules>', 'shell: "*" stays in its folder; compatible: "*" crosses folders')
        .choices(['shell', 'compatible'])
        .default('shell'),
    )
    .option('-H, --hidden', 'entries whose name begins with a dot, too')
    .option('-I, --no-ignore', 'obey no ignore files')
    .option('-L, --follow', 'take links for what they lead to')
    .option('-i, --ignore-case', 'upper and lower case are the same')
    .option('-d, --max-depth <n>', 'levels below the folder', wholeNumber(0, 4_294_967_295))
    .option('-a, --absolute', 'print absolute paths')
    .option('--limit <n>', 'print the first so many', wholeNumber(0, 4_294_967_295))
    .option('-0, --null', 'end each path with a NUL; with --patterns-from, patterns end so too')
    .option('--patterns-from <file>', 'read more patterns, one per line; "-" is the standard input')
    .option('--markers', 'list the folders that hold something which matches, by compatible rules')
    .addHelpText(
      'after',
      `
Examples:
  $ han glob 'src/**/*.ts' '!**/*.test.ts'
  $ han glob '**/*.log' --hidden --no-ignore -0 | xargs -0 rm
  $ han glob --markers package.json Cargo.toml
  $ han glob --patterns-from owned.txt --json

Exit code 3: nothing matches. Exit code 1: something could not be read.`,
    )
    .action(runner(glob));
}

async function glob(context: Context, given: string[], options: Options): Promise<ExitCode> {
  const { HanClient } = await import('@han/client');
  const listed = options.patternsFrom === undefined ? [] : await readList(options.patternsFrom, options.null);
  const patterns = [...given, ...listed];
  if (options.markers) {
    return await markers(context, HanClient.glob, patterns, options);
  }
  const isList = patterns.length > 0 || options.patternsFrom !== undefined;
  const takesAway = options.rules === 'shell' && patterns.length > 0;
  if (!isList || (takesAway && patterns.every((pattern) => pattern.startsWith('!')))) {
    patterns.unshift('**');
  }
  const { value, exit } = await interruptible((signal) =>
    HanClient.glob.find(options.root, patterns, { ...findOptions(options), signal }),
  );
  if (context.json) {
    const { unnameable, ...rest } = value;
    await writeJson(context.out, { ...rest, unnameable: unnameable.map((path) => path.toString('latin1')) });
  } else {
    await writePaths(context, value.files, options);
    await tellTroubles(context, value);
  }
  if (exit !== undefined) {
    return exit;
  }
  if (value.errorCount > 0) {
    return exitCode.failure;
  }
  return value.files.length > 0 ? exitCode.ok : exitCode.nothingFound;
}

async function markers(
  context: Context,
  client: Glob,
  patterns: string[],
  options: Options,
): Promise<ExitCode> {
  if (patterns.length === 0) {
    throw usageFailure('--markers needs the names of markers', 'Name some: han glob --markers package.json');
  }
  const { hidden, ignore, follow, ignoreCase, maxDepth } = options;
  const given = {
    '--hidden': hidden,
    '--no-ignore': !ignore,
    '--follow': follow,
    '--ignore-case': ignoreCase,
    '--max-depth': maxDepth !== undefined,
  };
  for (const [flag, isGiven] of Object.entries(given)) {
    if (isGiven) {
      throw usageFailure(
        `--markers does not go with ${flag}`,
        'leave it out, or list files: han glob "**/package.json"',
      );
    }
  }
  const { value, exit } = await interruptible((signal) =>
    client.directoriesWithMarkers(options.root, patterns, { signal }),
  );
  const folders = value.slice(0, options.limit ?? value.length);
  if (context.json) {
    await writeJson(context.out, folders);
  } else {
    await writePaths(context, folders, options);
  }
  return exit ?? (folders.length > 0 ? exitCode.ok : exitCode.nothingFound);
}

function findOptions(options: Options): GlobFindOptions {
  return {
    rules: options.rules,
    dot: options.hidden,
    ignoreFiles: options.ignore,
    follow: options.follow,
    caseInsensitive: options.ignoreCase,
    maxDepth: options.maxDepth,
    absolute: options.absolute,
    limit: options.limit,
  };
}

/** A name may hold what a terminal would obey; a program that reads them gets them as they are. */
async function writePaths(context: Context, paths: string[], options: Options): Promise<void> {
  const end = options.null ? '\0' : '\n';
  const shown = context.isTerminal && !options.null ? paths.map(oneLine) : paths;
  const portion = 4096;
  for (let start = 0; start < shown.length; start += portion) {
    await context.out.write(`${shown.slice(start, start + portion).join(end)}${end}`);
  }
}

async function tellTroubles(context: Context, result: GlobResult): Promise<void> {
  for (const { message } of result.errors) {
    await context.err.line(`error: ${oneLine(message)}`);
  }
  if (result.errorCount > result.errors.length) {
    await context.err.line(`error: ${count(result.errorCount - result.errors.length)} more`);
  }
  if (result.unnameableCount > 0) {
    await context.err.line(`note: ${count(result.unnameableCount)} left out whose names are not UTF-8`);
  }
}
