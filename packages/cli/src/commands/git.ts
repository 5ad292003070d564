/** `han git`: the repository of a folder. Its commands need no database and no git program. */
import type { Git } from '@han/client';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import type { Runner } from '../main.js';
import { wholeNumber } from '../options.js';
import { writeJson } from '../output/json.js';
import { oneLine } from '../output/printable.js';
import { type Column, drawTable } from '../output/table.js';
import { count, localTime } from '../output/units.js';

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
    .description('List the last commits, newest first, merges as one.')
    .argument('[folder]', 'a folder in the repository', '.')
    .option('--limit <n>', 'show so many', wholeNumber(1, 1_000_000), 20)
    .action(runner(log));
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

async function log(context: Context, folder: string, { limit }: { limit: number }): Promise<ExitCode> {
  const list = await (await loadGit()).log(folder, { maxCount: limit });
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
  return await writeList(context, list, columns, rows);
}

async function writeList(
  context: Context,
  list: object[],
  columns: Column[],
  rows: string[][],
): Promise<ExitCode> {
  if (context.json) {
    await writeJson(context.out, list);
  } else if (list.length > 0) {
    const cells = rows.map((row) => row.map(oneLine));
    await context.out.line(drawTable(columns, cells, context.cells, context.colors.bold));
  }
  return exitCode.ok;
}
