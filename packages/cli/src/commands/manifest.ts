/** `han manifest`: what a tree has, kept in a file, and what changed since. Needs no database. */

import { realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { ManifestReport } from '@han/client';
import type { Command } from 'commander';
import { loadClient } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { CommandFailure } from '../failures.js';
import { interruptible } from '../interrupt.js';
import type { Runner } from '../main.js';
import { writeFailure } from '../output/failure.js';
import { writeJson } from '../output/json.js';
import { oneLine } from '../output/printable.js';
import { count, counted } from '../output/units.js';
import { startHashProgress } from './hash/progress.js';
import { readManifestFile, writeManifestFile } from './manifest/file.js';

interface ManifestOptions {
  root: string;
  file?: string;
}

/** What the file is called that lies in the root when none is named. A walk does not see it. */
const fileName = '.han-manifest.json';

/** Every file. */
const allFiles = ['**'];

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'Keep the hashes of the files of a tree, and tell what changed since. Files that git ignores are left out; files that did not change are not read again.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ han manifest write "src/**" package.json
  $ han manifest check || npm test
  $ han manifest check --root ../app --file app.json --json

Exit code 1 of check: something changed. Exit code 1 of both: something could not be read.`,
    );
  const describe = (name: string, summary: string) =>
    command
      .command(name)
      .description(summary)
      .option('--root <folder>', 'the tree', '.')
      .option('--file <file>', `where the manifest is kept (default: ${fileName} in the root)`);
  describe('write', 'Write the manifest of the files that match a pattern.')
    .argument('[patterns...]', 'which files; "*" crosses folders', allFiles)
    .action(runner(write));
  describe('check', 'Tell which files were added, changed and removed since the manifest was written.')
    .argument('[patterns...]', 'only these files; those that it was written for when not given')
    .action(runner(check));
}

async function write(context: Context, patterns: string[], options: ManifestOptions): Promise<ExitCode> {
  const file = fileOf(options);
  const { report, exit } = await inspect(context, options.root, patterns, undefined, file);
  if (exit === undefined) {
    await writeManifestFile(file, { patterns, files: report.manifest });
  }
  const { filesRead, bytesRead, failures } = report;
  const fileCount = Object.keys(report.manifest).length;
  if (context.json) {
    await writeJson(context.out, { status: report.status, file, fileCount, filesRead, bytesRead, failures });
  } else if (exit === undefined) {
    await context.out.line(`${counted(fileCount, 'file')} in ${oneLine(file)}`);
  }
  await tellFailures(context, failures);
  return exit ?? (failures.length > 0 ? exitCode.failure : exitCode.ok);
}

async function check(context: Context, patterns: string[], options: ManifestOptions): Promise<ExitCode> {
  const file = fileOf(options);
  const kept = await readManifestFile(file);
  const wanted = patterns.length > 0 ? patterns : kept.patterns;
  const before = patterns.length > 0 ? await matching(kept.files, patterns) : kept.files;
  const { report, exit } = await inspect(context, options.root, wanted, before, file);
  const { added, changed, removed, filesRead, bytesRead, failures, status } = report;
  const hasChanges = added.length + changed.length + removed.length > 0;
  if (context.json) {
    const fileCount = Object.keys(report.manifest).length;
    const lists = { hasChanges, added, changed, removed };
    await writeJson(context.out, { status, ...lists, fileCount, filesRead, bytesRead, failures });
  } else {
    for (const [word, paths] of Object.entries({ added, changed, removed })) {
      for (const path of paths) {
        await context.out.line(`${word.padEnd(7)}  ${oneLine(path)}`);
      }
    }
    if (exit === undefined) {
      await context.err.line(
        `${count(added.length)} added, ${count(changed.length)} changed, ${count(removed.length)} removed`,
      );
    }
  }
  await tellFailures(context, failures);
  // What could not be read may have changed.
  return exit ?? (hasChanges || failures.length > 0 ? exitCode.failure : exitCode.ok);
}

/** The files of a manifest that match. */
async function matching(files: Record<string, string>, patterns: string[]): Promise<Record<string, string>> {
  const { HanClient } = await loadClient();
  const paths = HanClient.glob.match(Object.keys(files), patterns);
  return Object.fromEntries(paths.map((path) => [path, files[path] ?? '']));
}

function fileOf({ root, file }: ManifestOptions): string {
  return file === undefined ? resolve(root, fileName) : resolve(file);
}

/** Looks at the tree, with what earlier runs remember of it. The file of the manifest itself is no part of it. */
async function inspect(
  context: Context,
  root: string,
  patterns: string[],
  kept: Record<string, string> | undefined,
  file: string,
): Promise<{ report: ManifestReport; exit: ExitCode | undefined }> {
  const { HanClient } = await loadClient();
  const { cache } = HanClient.hash;
  await withCache(context, () => cache.load());
  const progress = await startHashProgress(context);
  const { value: report, exit } = await interruptible((signal) =>
    HanClient.manifest.check(root, patterns, kept, { signal, onProgress: progress.update }),
  ).finally(progress.stop);
  await withCache(context, () => cache.save());
  if (exit !== undefined && !context.json) {
    await context.err.line('Interrupted.');
  }
  const own = relative(realpathSync(root), realpathOf(file)).split(sep).join('/');
  delete report.manifest[own];
  for (const list of [report.added, report.changed, report.removed]) {
    const place = list.indexOf(own);
    if (place >= 0) {
      list.splice(place, 1);
    }
  }
  return { report, exit };
}

/** A cache that cannot be read or written makes the work slower, not wrong. */
async function withCache(context: Context, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const { message } = thrown as Error;
    await context.err.line(`The hash cache is not used: ${oneLine(message)}`);
  }
}

/** The path of a file that may not exist yet, without symbolic links in its folder. */
function realpathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

async function tellFailures(context: Context, failures: string[]): Promise<void> {
  if (context.json) {
    return;
  }
  for (const failure of failures) {
    const found = /^\[([A-Z0-9_]+)\] (.*)$/s.exec(failure);
    const [, code = 'UNKNOWN', message = failure] = found ?? [];
    await writeFailure(context, new CommandFailure(exitCode.failure, code, message));
  }
}
