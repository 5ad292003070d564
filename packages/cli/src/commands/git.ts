/** `han git`: the repository of a folder. Its commands need no database and no git program. */
import type { Git, GitLogEntry } from '@han/client';
import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { usageFailure } from '../failures.js';
import type { Runner } from '../main.js';
import { sinceOption, untilOption, wholeNumber } from '../options.js';
import { writeJson } from '../output/json.js';
import { oneLine } from '../output/printable.js';
import { type Column, drawTable } from '../output/table.js';
import { count, localTime } from '../output/units.js';
import { readRange } from '../range.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description('Look at the git repository of a folder. No database is used, and no git program is run.')
    .addHelpText(
      'after',
      `
Examples:
  $ han git info
  $ han git status src
  $ han git log --limit 5
  $ han git log --path src/main.ts --since 7d
  $ han git blame src/main.ts --lines 10,20
  $ han git diffstat main HEAD --json`,
    );
  command
    .command('info')
    .description('Show branch, remote and folders of the repository.')
    .argument('[folder]', 'a folder in the repository', '.')
    .action(runner(info));
  command
    .command('status')
    .description('Show what is not committed.')
    .argument('[folder]', 'a folder in the repository', '.')
    .action(runner(status));
  command
    .command('worktrees')
    .description('List the work trees of the repository, from wherever in it.')
    .argument('[folder]', 'a folder in the repository', '.')
    .action(runner(worktrees));
  command
    .command('log')
    .description('List the last commits, newest first, merges as one. Exit code 3 when there are none.')
    .argument('[folder]', 'a folder in the repository', '.')
    .option('--limit <n>', 'show so many', wholeNumber(1, 1_000_000), 20)
    .option(
      '--path <path>',
      'only commits that changed this file or folder, from the top of the repository on',
    )
    .option('--follow', 'with --path: go on under the old path of a renamed file')
    .addOption(sinceOption())
    .addOption(untilOption())
    .action(runner(log));
  command
    .command('blame')
    .description('Show which commit each line of a file comes from.')
    .argument('<path>', 'the file, from the top of the repository on')
    .option('--lines <from,to>', 'only these lines, for instance 10,20', lineRange)
    .option('--revision <revision>', 'the file as it was there', 'HEAD')
    .option('--folder <folder>', 'a folder in the repository', '.')
    .action(runner(blame));
  command
    .command('diffstat')
    .description('List the files that differ between two revisions, with lines added and deleted.')
    .argument('<from>', 'revision, for instance main or HEAD~3')
    .argument('[to]', 'revision', 'HEAD')
    .option('--folder <folder>', 'a folder in the repository', '.')
    .action(runner(diffstat));
}

async function loadGit(): Promise<Git> {
  const { HanClient } = await import('@han/client');
  return HanClient.git;
}

async function info(context: Context, folder: string): Promise<ExitCode> {
  const git = await loadGit();
  const root = git.root(folder);
  const commonDir = git.commonDir(folder);
  if (commonDir === null) {
    await context.err.line(`No git repository at ${oneLine(folder)}.`);
    return exitCode.nothingFound;
  }
  const facts = { ...git.info(folder), root, commonDir };
  if (context.json) {
    await writeJson(context.out, facts);
    return exitCode.ok;
  }
  const rows = [
    ['repository', facts.repoName ?? '-'],
    ['branch', facts.branch ?? '(detached)'],
    ['remote', facts.remote ?? '-'],
    ['work tree', root ?? '(bare)'],
    ['git folder', commonDir],
  ];
  for (const [name = '', value = ''] of rows) {
    await context.out.line(`${name.padEnd(10)}  ${oneLine(value)}`);
  }
  return exitCode.ok;
}

async function status(context: Context, folder: string): Promise<ExitCode> {
  const answer = await (await loadGit()).status(folder);
  if (context.json) {
    await writeJson(context.out, answer);
    return exitCode.ok;
  }
  const { branch = '(detached)', upstream, ahead = 0, behind = 0 } = answer;
  const way = upstream === undefined ? '' : `  ${upstream}: ${count(ahead)} ahead, ${count(behind)} behind`;
  await context.out.line(oneLine(`${branch}${way}`));
  for (const { status: letters, path, oldPath } of answer.entries) {
    const from = oldPath === undefined ? '' : `${oldPath} -> `;
    await context.out.line(`${letters} ${oneLine(`${from}${path}`)}`);
  }
  const { staged, unstaged, untracked, conflicted } = answer;
  await context.out.line(
    `${count(staged)} staged, ${count(unstaged)} not staged, ${count(untracked)} unknown, ${count(conflicted)} in conflict`,
  );
  return exitCode.ok;
}

async function worktrees(context: Context, folder: string): Promise<ExitCode> {
  const list = await (await loadGit()).worktrees(folder);
  const note = ({ isMain, isLocked, lockReason, isPrunable }: (typeof list)[number]) =>
    isMain
      ? 'main'
      : isLocked
        ? `locked${lockReason === undefined ? '' : `: ${lockReason}`}`
        : isPrunable
          ? 'gone'
          : '';
  const rows = list.map((one) => [one.path, one.head ?? '-', note(one)]);
  return await writeList(context, list, [{ head: 'PATH' }, { head: 'HEAD' }, { head: '' }], rows);
}

interface LogOptions {
  limit: number;
  path?: string;
  follow?: true;
  since?: string;
  until?: string;
}

async function log(context: Context, folder: string, options: LogOptions): Promise<ExitCode> {
  if (options.follow && options.path === undefined) {
    throw usageFailure('--follow needs the file: --path', 'add --path <path>, or leave --follow out');
  }
  const list = await commitsOf(await loadGit(), folder, options);
  const columns = [
    { head: 'COMMIT' },
    { head: 'TIME' },
    { head: 'AUTHOR' },
    { head: 'MESSAGE', shrinksTo: 20 },
  ];
  const rows = list.map(({ shortHash, timestamp, authorName, message }) => [
    shortHash,
    localTime(timestamp),
    authorName,
    message,
  ]);
  await writeList(context, list, columns, rows, 'No such commits.');
  return list.length === 0 ? exitCode.nothingFound : exitCode.ok;
}

/** Merges stand as one commit, unless commits of a path or a time are asked for. */
async function commitsOf(git: Git, folder: string, options: LogOptions): Promise<GitLogEntry[]> {
  const { limit, path, follow = false } = options;
  const range = readRange(options);
  if (path === undefined && range.since === undefined && range.until === undefined) {
    return await git.log(folder, { maxCount: limit });
  }
  const list: GitLogEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = { ...range, cursor, limit: Math.min(limit - list.length, 1000) };
    const { items, nextCursor } =
      path === undefined
        ? await git.commitsBetween(folder, page)
        : await git.logPath(folder, path, { ...page, follow });
    list.push(...items);
    cursor = nextCursor;
  } while (cursor !== undefined && list.length < limit);
  return list;
}

interface LineRange {
  startLine: number;
  endLine: number;
}

function lineRange(text: string): LineRange {
  const [, from, to] = /^(\d{1,9}),(\d{1,9})$/.exec(text) ?? [];
  const [startLine, endLine] = [Number(from), Number(to)];
  if (!(startLine >= 1 && endLine >= startLine)) {
    throw new InvalidArgumentError('It must be two line numbers such as 10,20.');
  }
  return { startLine, endLine };
}

async function blame(
  context: Context,
  path: string,
  { lines, revision, folder }: { lines?: LineRange; revision: string; folder: string },
): Promise<ExitCode> {
  const list = await (await loadGit()).blame(folder, path, { ...lines, revision });
  const columns: Column[] = [
    { head: 'LINES', align: 'right' },
    { head: 'COMMIT' },
    { head: 'TIME' },
    { head: 'AUTHOR' },
    { head: 'MESSAGE', shrinksTo: 20 },
  ];
  const rows = list.map(({ startLine, lineCount, commit }) => [
    lineCount === 1 ? `${startLine}` : `${startLine}-${startLine + lineCount - 1}`,
    commit.shortHash,
    localTime(commit.timestamp),
    commit.authorName,
    commit.message,
  ]);
  return await writeList(context, list, columns, rows);
}

async function diffstat(
  context: Context,
  from: string,
  to: string,
  { folder }: { folder: string },
): Promise<ExitCode> {
  const list = await (await loadGit()).diffStat(folder, from, to);
  const columns: Column[] = [
    { head: 'ADDED', align: 'right' },
    { head: 'DELETED', align: 'right' },
    { head: 'CHANGE' },
    { head: 'PATH', shrinksTo: 20 },
  ];
  const rows = list.map(({ additions, deletions, changeType, path, oldPath, isBinary }) => [
    isBinary ? '-' : count(additions),
    isBinary ? '-' : count(deletions),
    changeType,
    oldPath === undefined ? path : `${oldPath} -> ${path}`,
  ]);
  return await writeList(context, list, columns, rows, 'No differences.');
}

/** `ifEmpty` tells a reader that nothing is left out. */
async function writeList(
  context: Context,
  list: object[],
  columns: Column[],
  rows: string[][],
  ifEmpty?: string,
): Promise<ExitCode> {
  if (context.json) {
    await writeJson(context.out, list);
  } else if (list.length > 0) {
    const cells = rows.map((row) => row.map(oneLine));
    await context.out.line(drawTable(columns, cells, context.cells, context.colors.bold));
  } else if (ifEmpty !== undefined) {
    await context.err.line(ifEmpty);
  }
  return exitCode.ok;
}
