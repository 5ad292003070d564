/** `han stats`: totals of the database. */
import type { ArchiveStats } from '@han/client';
import type { Command } from 'commander';
import { openExisting } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import type { Runner } from '../main.js';
import { writeJson } from '../output/json.js';
import { oneLine } from '../output/printable.js';
import { drawTable } from '../output/table.js';
import { bytes, count, localTime } from '../output/units.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description('Show totals of the database: files, sessions, messages, tokens, sizes.')
    .addHelpText(
      'after',
      `
Examples:
  $ han stats
  $ han stats --json | jq .outputTokens`,
    )
    .action(runner(run));
}

async function run(context: Context): Promise<ExitCode> {
  const client = await openExisting(context);
  const stats = await client.stats();
  client.close();
  if (context.json) {
    await writeJson(context.out, stats);
    return exitCode.ok;
  }
  const table = (columns: [string, string], rows: string[][]) =>
    drawTable(
      [{ head: columns[0] }, { head: columns[1], align: 'right' }],
      rows,
      context.cells,
      context.colors.bold,
    );
  const types = stats.rowsByType.map(({ messageType, count: rows }) => [oneLine(messageType), count(rows)]);
  await context.out.line(table(['ARCHIVE', ''], totals(stats)));
  await context.out.line();
  await context.out.line(table(['TOKENS', ''], tokens(stats)));
  if (types.length > 0) {
    await context.out.line();
    await context.out.line(table(['ROWS BY TYPE', ''], types));
  }
  await context.out.line();
  await context.out.line(`Database: ${client.dbPath}`);
  return exitCode.ok;
}

function totals(stats: ArchiveStats): string[][] {
  const share =
    stats.sourceBytes > 0 ? ` (${Math.round((stats.databaseBytes / stats.sourceBytes) * 100)}%)` : '';
  return [
    ['transcript files', count(stats.files)],
    ...(stats.missingFiles > 0 ? [['of these gone, their sessions kept', count(stats.missingFiles)]] : []),
    ['size of the transcripts', bytes(stats.sourceBytes)],
    ['size of the database', `${bytes(stats.databaseBytes)}${share}`],
    ['repositories', count(stats.repos)],
    ['projects', count(stats.projects)],
    ['sessions', count(stats.sessions)],
    ['agents', count(stats.agents)],
    ['messages of users and assistants', count(stats.conversationMessages)],
    ['rows of all types', count(stats.messages)],
    ['broken lines', count(stats.brokenLines)],
    ...(stats.firstMessageAt === undefined ? [] : [['first message', localTime(stats.firstMessageAt)]]),
    ...(stats.lastMessageAt === undefined ? [] : [['last message', localTime(stats.lastMessageAt)]]),
  ];
}

function tokens(stats: ArchiveStats): string[][] {
  return [
    ['replies of the model', count(stats.apiReplies)],
    ['input', count(stats.inputTokens)],
    ['output', count(stats.outputTokens)],
    ['read from the cache', count(stats.cacheReadTokens)],
    ['written to the cache', count(stats.cacheCreationTokens)],
  ];
}
