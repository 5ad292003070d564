/** `han stats`: tokens and cost, tools, agents and files of a stretch of time, and totals of the database. */
import type { ArchiveStats, HanClient } from '@han/client';
import { type Command, Option } from 'commander';
import { findSession, openExisting } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import type { Runner } from '../main.js';
import { projectOption, sinceOption, untilOption, wholeNumber } from '../options.js';
import { writeJson } from '../output/json.js';
import { type PricesOptions, pricesOption, pricesPath } from '../prices.js';
import { readRange } from '../range.js';
import { archiveTables } from './stats/archive-tables.js';
import { type Period, readPeriod, type Scope, type Subject, subjects } from './stats/period.js';
import { periodTables, summaryLines } from './stats/period-tables.js';

interface Options extends PricesOptions {
  by?: Subject;
  since?: string;
  until?: string;
  project?: string;
  session?: string;
  limit?: number;
}

/** Days that are shown when no time is given, today among them. */
const standardDays = 30;

/** Rows of each table: of several tables, and of the one that was asked for. */
const [standardRows, rowsOfOne] = [8, 50];

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      `Show tokens, cost, tools, agents and files of the last ${standardDays} days, and totals of the database. Days are those of UTC; a reply of a model counts once, however many lines and files repeat it.`,
    )
    .addOption(new Option('--by <subject>', 'one table instead of several').choices(subjects))
    .addOption(sinceOption())
    .addOption(untilOption())
    .addOption(projectOption())
    .option('--session <id>', 'only this session; a beginning of its id is enough')
    .option('--limit <n>', 'rows of each table', wholeNumber(1, 10_000))
    .addOption(pricesOption())
    .addHelpText(
      'after',
      `
Examples:
  $ han stats
  $ han stats --since 7d --project .
  $ han stats --by model --since 2026-11-01 --until 2026-11-15
  $ han stats --by agent --session 4f2a
  $ han stats --prices my-prices.json
  $ han stats --json | jq .period.total.costDollars

Cost is the list price: docs/usage.md tells the formula and how to write prices of your own. Models without a price
cost nothing and are listed.`,
    )
    .action(runner(run));
}

async function run(context: Context, options: Options): Promise<ExitCode> {
  const range = readRange(options);
  const since = range.since ?? standardSince(range.until);
  const client = await openExisting(context);
  const scope: Scope = {
    ...range,
    since,
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.session === undefined ? {} : { sessionId: findSession(client, options.session, context).id }),
  };
  const limit = options.limit ?? (options.by === undefined ? standardRows : rowsOfOne);
  const [stats, period] = await Promise.all([
    client.stats(),
    readPeriod(client, scope, pricesPath(options), { by: options.by, limit }),
  ]);
  client.close();
  if (context.json) {
    await writeJson(context.out, { ...stats, period });
    return exitCode.ok;
  }
  await writeText(context, { client, stats, period, by: options.by });
  return exitCode.ok;
}

/** The beginning of the first of {@link standardDays} days (UTC), so that the chart has whole days. */
function standardSince(until?: string): string {
  const day = 86_400_000;
  const end = until === undefined ? Date.now() : Date.parse(until);
  return new Date((Math.floor((end - 1) / day) - standardDays + 1) * day).toISOString();
}

interface Answer {
  client: HanClient;
  stats: ArchiveStats;
  period: Period;
  by: Subject | undefined;
}

async function writeText(context: Context, { client, stats, period, by }: Answer): Promise<void> {
  if (stats.messages === 0) {
    await context.out.line(`Nothing is indexed yet. Index your transcripts: ${context.program} index`);
    await context.out.line(`Database: ${client.dbPath}`);
    return;
  }
  const isWanted = (subject: Subject) => by === undefined || by === subject;
  const isQuiet = period.total.replyCount === 0 && period.calls.callCount === 0;
  const blocks = [
    summaryLines(period, context).join('\n'),
    ...(isQuiet
      ? ['Nothing happened in this time. Another is shown with --since, for instance --since 365d.']
      : periodTables(
          period,
          { tools: isWanted('tool'), agents: isWanted('agent'), files: by === undefined },
          context,
        )),
    ...(by === undefined ? archiveTables(stats, context) : []),
  ];
  await context.out.line(blocks.join('\n\n'));
  if (by === undefined) {
    await context.out.line();
    await context.out.line(`Database: ${client.dbPath}`);
  }
}
