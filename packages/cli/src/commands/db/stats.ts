/** `han db stats`: what the database takes on the disk. */
import type { DatabaseStats, SizesReport } from '@han/client';
import type { Command } from 'commander';
import { openExisting } from '../../archive.js';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import type { Runner } from '../../main.js';
import { writeJson } from '../../output/json.js';
import { oneLine } from '../../output/printable.js';
import { drawTable } from '../../output/table.js';
import { bytes, count } from '../../output/units.js';
import { workOnDatabase } from './working.js';

interface Options {
  sizes?: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('show sizes, pages and the log of the database file')
    .description(
      'Show figures of the database file: sizes, pages, the write-ahead log, versions. With --sizes also what each table and index takes, which reads the whole file.',
    )
    .option('--sizes', 'rows and bytes of every table and index')
    .addHelpText(
      'after',
      `
Examples:
  $ han db stats
  $ han db stats --sizes
  $ han db stats --sizes --json | jq '.sizes[] | select(.kind == "index")'`,
    )
    .action(runner(run));
}

async function run(context: Context, options: Options): Promise<ExitCode> {
  if (options.sizes) {
    const { value } = await workOnDatabase(context, 'nothing was measured', (client, job) =>
      client.maintenance.sizes(job),
    );
    if (context.json) {
      await writeJson(context.out, value);
    } else {
      await writeFigures(context, value.database);
      await context.out.line();
      await writeSizes(context, value);
    }
    return exitCode.ok;
  }
  const client = await openExisting(context);
  const stats = client.maintenance.stats();
  client.close();
  if (context.json) {
    await writeJson(context.out, stats);
  } else {
    await writeFigures(context, stats);
  }
  return exitCode.ok;
}

async function writeFigures({ out, cells, colors }: Context, stats: DatabaseStats): Promise<void> {
  const rows = [
    ['size of the file', bytes(stats.fileBytes)],
    ['write-ahead log', `${bytes(stats.walBytes)}, ${count(stats.walFrames)} frames`],
    ['pages', `${count(stats.pages)} of ${bytes(stats.pageBytes)}`],
    ['of these empty', `${count(stats.freePages)}, ${bytes(stats.freeBytes)}`],
    ['tables and indexes', `${count(stats.tables)} and ${count(stats.indexes)}`],
    ['rows that wait for the search index', count(stats.unindexedRows)],
    ['schema version', String(stats.schemaVersion)],
    ['journal mode', stats.journalMode],
    ['SQLite', stats.sqliteVersion],
  ];
  await out.line(drawTable([{ head: 'DATABASE' }, { head: '', align: 'right' }], rows, cells, colors.bold));
  await out.line();
  await out.line(`Database: ${stats.path}`);
}

async function writeSizes({ out, cells, colors }: Context, { sizes }: SizesReport): Promise<void> {
  const rows = sizes.map(({ name, kind, table, rows, bytes: size, unusedBytes }) => [
    oneLine(name),
    kind === 'index' ? `index of ${oneLine(table)}` : 'table',
    count(rows),
    bytes(size),
    bytes(unusedBytes),
  ]);
  const columns = [
    { head: 'NAME', shrinksTo: 12 },
    { head: 'KIND', shrinksTo: 8 },
    { head: 'ROWS', align: 'right' as const },
    { head: 'SIZE', align: 'right' as const },
    { head: 'UNUSED', align: 'right' as const },
  ];
  await out.line(drawTable(columns, rows, cells, colors.bold));
}
