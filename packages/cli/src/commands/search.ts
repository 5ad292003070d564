/** `han search`: find what was said. */
import type { SearchHit } from '@han/client';
import type { Command } from 'commander';
import { findSession, openExisting } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import type { Runner } from '../main.js';
import {
  agentOption,
  cursorOption,
  limitOption,
  pageOption,
  projectOption,
  type Role,
  roleOption,
  sinceOption,
  untilOption,
} from '../options.js';
import { hitLines } from '../output/hits.js';
import { writeJson } from '../output/json.js';
import { counted } from '../output/units.js';
import { fetchPage } from '../paging.js';
import { readRange } from '../range.js';

interface Options {
  project?: string;
  session?: string;
  role?: Role;
  agent?: string;
  since?: string;
  until?: string;
  newest?: boolean;
  limit: number;
  page?: number;
  cursor?: string;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description('Search everything that was said, best hits first.')
    .argument('<query...>', 'words that must all occur; see below')
    .addOption(projectOption())
    .option('--session <id>', 'only this session: its id or the beginning of it')
    .addOption(roleOption())
    .addOption(agentOption())
    .addOption(sinceOption())
    .addOption(untilOption())
    .option('--newest', 'newest hits first')
    .addOption(limitOption(20))
    .addOption(pageOption())
    .addOption(cursorOption())
    .addHelpText(
      'after',
      `
Queries:
  connection pool         both words, in any order
  '"connection pool"'     exactly this; mind the quotes of the shell
  'migrat*'               words that begin so
  'pool OR cache'         one of them; also AND, NOT and parentheses
  getUserName             names are found whole and by their parts

Examples:
  $ han search flaky test
  $ han search --role user --since 7d deadlock
  $ han search --project . --newest 'timeout NOT retry'
  $ han search --json --limit 100 getUserName | jq -r '.items[].sessionId' | sort -u

Ends with exit code 3 when nothing is found.`,
    )
    .action(runner(run));
}

async function run(context: Context, words: string[], options: Options): Promise<ExitCode> {
  const query = words.join(' ');
  const range = readRange(options);
  const client = await openExisting(context);
  const filter = {
    ...range,
    limit: options.limit,
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.session === undefined ? {} : { sessionId: findSession(client, options.session, context).id }),
    ...(options.role === undefined ? {} : { speaker: options.role }),
    ...(options.agent === undefined ? {} : { agentId: options.agent }),
    ...(options.newest ? { order: 'newest' as const } : {}),
  };
  const page = await fetchPage(options, (position) => client.search.page(query, { ...filter, ...position }));

  if (context.json) {
    await writeJson(context.out, page);
  } else if (page.items.length === 0) {
    const empty = client.sessions.page({ limit: 1 }).items.length === 0;
    const hint = empty ? ` The database is empty; fill it with: ${context.program} index` : '';
    await context.err.line(`Nothing found.${hint}`);
  } else {
    await writeHits(context, page.items);
    await context.out.line(context.colors.dim(footer(page.items.length, page.hasMore, options)));
  }
  client.close();
  return page.items.length === 0 ? exitCode.nothingFound : exitCode.ok;
}

async function writeHits(context: Context, hits: SearchHit[]): Promise<void> {
  for (const hit of hits) {
    for (const line of hitLines(hit, context.cells, context.colors)) {
      await context.out.line(line);
    }
    await context.out.line();
  }
}

function footer(shown: number, hasMore: boolean, { page = 1, cursor }: Options): string {
  const what = counted(shown, 'hit');
  if (!hasMore) {
    return `${what}.`;
  }
  return cursor === undefined ? `${what}, more with --page ${page + 1}.` : `${what}, more follow.`;
}
