/** `han index`: bring the database up to date with the transcripts. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadClient, resolveDbPath } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { CommandFailure } from '../failures.js';
import { indexWithProgress, reportLines, type Start, warningLines } from '../indexing.js';
import type { Runner } from '../main.js';
import { writeJson } from '../output/json.js';
import { verifyIndex } from './index-verify.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'Index new transcripts and what was added to known ones. Without paths, every transcript below the configuration folders (CLAUDE_CONFIG_DIR, else ~/.claude). Can be interrupted and repeated at any time.',
    )
    .argument('[paths...]', 'transcript files, folders of projects, or configuration folders')
    .option('--verify', 'index nothing: compare every stored byte with its file, and every row with its line')
    .option('--repair', 'with --verify: read files anew that differ')
    .addHelpText(
      'after',
      `
Examples:
  $ han index
  $ han index --config-dir ~/.claude --config-dir /mnt/backup/.claude
  $ han index ~/.claude/projects/-home-ann-my-app
  $ han index --db /tmp/try.db --json
  $ han index --verify

With --verify, ends with exit code 1 when something differs and was not repaired.`,
    )
    .action(runner(run));
}

interface Options {
  verify?: boolean;
  repair?: boolean;
}

async function run(context: Context, paths: string[], options: Options): Promise<ExitCode> {
  if (options.verify) {
    return await verifyIndex(
      context,
      paths.map((path) => resolve(path)),
      options.repair ?? false,
    );
  }
  if (options.repair) {
    throw new CommandFailure(
      exitCode.usage,
      'INVALID_ARGUMENT',
      'index --repair: it goes with --verify',
      'add --verify',
    );
  }
  const starts =
    paths.length === 0
      ? [await startScan(context)]
      : await Promise.all(paths.map((path) => startFor(resolve(path))));
  const indexed = await indexWithProgress(context, await resolveDbPath(context), starts);
  const { client } = indexed;
  client.close();

  if (context.json) {
    await writeJson(context.out, indexed.report);
  } else {
    for (const line of [...reportLines(indexed), `Database: ${client.dbPath}`]) {
      await context.out.line(line);
    }
    for (const line of warningLines(indexed)) {
      await context.err.line(line);
    }
  }
  return indexed.exit ?? (indexed.report.filesFailed > 0 ? exitCode.failure : exitCode.ok);
}

/** A scan of the configuration folders, which must be there. */
async function startScan(context: Context): Promise<Start> {
  const { HanClient } = await loadClient();
  const configDirs = context.configDirs ?? [HanClient.info().defaultConfigDir];
  const missing = configDirs.find((configDir) => !existsSync(configDir));
  if (missing !== undefined) {
    throw new CommandFailure(
      exitCode.failure,
      'FILE_NOT_FOUND',
      `there is no configuration folder at ${missing}`,
      'name the folder that holds "projects" with --config-dir or CLAUDE_CONFIG_DIR',
    );
  }
  return (client, options) => client.indexer.scan({ ...options, configDirs });
}

/** A run for one path: a file, the folder of a project, or a configuration folder or its `projects`. */
async function startFor(path: string): Promise<Start> {
  try {
    if (!(await stat(path)).isDirectory()) {
      return (client, options) => client.indexer.indexFile(path, options);
    }
    const configDir = basename(path) === 'projects' ? dirname(path) : path;
    if (existsSync(join(configDir, 'projects'))) {
      return (client, options) => client.indexer.scan({ ...options, configDirs: [configDir] });
    }
    return (client, options) => client.indexer.indexProject(path, options);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(exitCode.failure, 'FILE_NOT_FOUND', `index ${path}: ${cause}`, 'check the path');
  }
}
