/** `han show`: read one session. */
import type { HanClient, Message, SessionOverview } from '@han/client';
import type { Command } from 'commander';
import { findSession, openExisting } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import type { Runner } from '../main.js';
import { agentOption, type Role, roleOption, wholeNumber } from '../options.js';
import { messageLines, sessionLines } from '../output/conversation.js';
import { writeJsonWithList } from '../output/json.js';
import { count, counted } from '../output/units.js';

interface Options {
  role?: Role;
  agent?: string;
  limit: number;
  all?: boolean;
  newest?: boolean;
  full?: boolean;
  raw?: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description('Read one session in the order in which it happened.')
    .argument('<session>', 'id of the session, or a beginning of it that no other id has')
    .addOption(roleOption())
    .addOption(agentOption())
    .option('--limit <n>', 'show so many messages', wholeNumber(1, Number.POSITIVE_INFINITY), 100)
    .option('--newest', 'show the last messages instead of the first')
    .option('--all', 'show every message')
    .option('--full', 'show long messages whole')
    .option(
      '--raw',
      'print the lines of the transcript as they were written (with --json: add them as rawJson)',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ han show 4f2a
  $ han show 4f2a --role user --all
  $ han show 4f2a --newest --limit 5 --full
  $ han show 4f2a --all --raw > session.jsonl`,
    )
    .action(runner(run));
}

async function run(context: Context, id: string, options: Options): Promise<ExitCode> {
  const client = await openExisting(context);
  const session = findSession(client, id, context);
  const rows = new Rows(client, session, options);
  if (context.json) {
    await writeJsonWithList(context.out, { session }, 'messages', rows.read(), () => ({
      hasMore: rows.hasMore,
    }));
  } else if (options.raw) {
    for await (const { rawJson } of rows.read()) {
      if (rawJson !== undefined) {
        await context.out.line(rawJson);
      }
    }
  } else {
    await writeConversation(context, session, rows, options);
  }
  client.close();
  return exitCode.ok;
}

async function writeConversation(
  context: Context,
  session: SessionOverview,
  rows: Rows,
  options: Options,
): Promise<void> {
  for (const line of sessionLines(session, context.cells, context.colors)) {
    await context.out.line(line);
  }
  let shown = 0;
  let silent = 0;
  for await (const message of rows.read()) {
    const lines = messageLines(message, context.cells, context.colors, options.full ?? false);
    if (lines.length === 0) {
      silent += 1;
      continue;
    }
    shown += 1;
    for (const line of ['', ...lines]) {
      await context.out.line(line);
    }
  }
  const notes = [`${counted(shown, 'message')} shown`];
  if (silent > 0) {
    notes.push(`${counted(silent, 'row')} without text left out`);
  }
  if (rows.hasMore) {
    notes.push(`${count(session.rowCount)} rows in all: --all, --newest or --limit shows others`);
  }
  await context.out.line(context.colors.dim(`\n${notes.join('; ')}.`));
}

/** The rows that were asked for, in the order in which they happened. */
class Rows {
  /** Whether rows were left out because of the limit; known when all were read. */
  hasMore = false;

  constructor(
    private readonly client: HanClient,
    private readonly session: SessionOverview,
    private readonly options: Options,
  ) {}

  async *read(): AsyncGenerator<Message, void, undefined> {
    const { all = false, newest = false, limit } = this.options;
    if (all) {
      yield* this.fetch('oldest', 1000);
    } else if (newest) {
      // Fetched from the end, told from the beginning.
      const rows: Message[] = [];
      for await (const row of this.first(this.fetch('newest', limit + 1))) {
        rows.push(row);
      }
      yield* rows.reverse();
    } else {
      yield* this.first(this.fetch('oldest', limit + 1));
    }
  }

  private async *first(rows: AsyncIterable<Message>): AsyncGenerator<Message, void, undefined> {
    let taken = 0;
    for await (const row of rows) {
      if (taken === this.options.limit) {
        this.hasMore = true;
        return;
      }
      taken += 1;
      yield row;
    }
  }

  private fetch(order: 'oldest' | 'newest', wanted: number): AsyncIterable<Message> {
    const { role, agent, raw = false } = this.options;
    return this.client.messages.of(this.session.id, {
      order,
      withRaw: raw,
      pageSize: Math.min(1000, wanted),
      ...(role === undefined ? {} : { speaker: role }),
      ...(agent === undefined ? {} : { agentId: agent }),
    });
  }
}
