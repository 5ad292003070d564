/** `han sessions`: what was done, newest first. */
import type { Command } from 'commander';
import { openExisting } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import type { Runner } from '../main.js';
import {
  cursorOption,
  limitOption,
  pageOption,
  projectOption,
  sinceOption,
  untilOption,
} from '../options.js';
import { writeJson } from '../output/json.js';
import { sessionsTable } from '../output/sessions-table.js';
import { counted } from '../output/units.js';
import { fetchPage } from '../paging.js';
import { readRange } from '../range.js';

interface Options {
  project?: string;
  since?: string;
  until?: string;
  limit: number;
  page?: number;
  cursor?: string;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description('List sessions, newest activity first.')
    .addOption(projectOption())
    .addOption(sinceOption())
    .addOption(untilOption())
    .addOption(limitOption(20))
    .addOption(pageOption())
    .addOption(cursorOption())
    .addHelpText(
      'after',
      `
Examples:
  $ han sessions
  $ han sessions --project . --since yesterday
  $ han sessions --json | jq -r '.items[] | [.id, .outputTokens] | @tsv'

Ends with exit code 3 when there is no such session.`,
    )
    .action(runner(run));
}

async function run(context: Context, options: Options): Promise<ExitCode> {
  const range = readRange(options);
  const client = await openExisting(context);
  const filter = {
    ...range,
    limit: options.limit,
    ...(options.project === undefined ? {} : { project: options.project }),
  };
  const page = await fetchPage(options, (position) => client.sessions.page({ ...filter, ...position }));
  client.close();

  if (context.json) {
    await writeJson(context.out, page);
  } else if (page.items.length === 0) {
    await context.err.line(`No such session. Bring the database up to date with: ${context.program} index`);
  } else {
    await context.out.line(sessionsTable(page.items, context.cells, context.colors));
    if (page.hasMore) {
      const more =
        options.cursor === undefined ? `more with --page ${(options.page ?? 1) + 1}` : 'more follow';
      await context.out.line(context.colors.dim(`${counted(page.items.length, 'session')}, ${more}.`));
    }
  }
  return page.items.length === 0 ? exitCode.nothingFound : exitCode.ok;
}
