/** `han show`: read one session. */
import type { HanClient, Message, SessionOverview } from '@han/client';
import type { Command } from 'commander';
import { findSession, openExisting } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import type { Runner } from '../main.js';
import { agentOption, type Role, roleOption, wholeNumber } from '../options.js';
import { hasText, messageLines, sessionLines } from '../output/conversation.js';
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
  // People read messages: rows without text are not shown, and do not count.
  const asText = !context.json && !options.raw;
  const rows = new Rows(client, session, options, asText ? hasText : () => true);
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
  for await (const message of rows.read()) {
    shown += 1;
    for (const line of ['', ...messageLines(message, context.cells, context.colors, options.full ?? false)]) {
      await context.out.line(line);
    }
  }
  const notes = [`${counted(shown, 'message')} shown`];
  if (rows.leftOut > 0) {
    notes.push(`${counted(rows.leftOut, 'row')} without text left out`);
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
  /** Rows that were passed over so far. */
  leftOut = 0;

  /** @param keeps - Which rows are read; the limit counts only these. */
  constructor(
    private readonly client: HanClient,
    private readonly session: SessionOverview,
    private readonly options: Options,
    private readonly keeps: (row: Message) => boolean,
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

  private async *fetch(order: 'oldest' | 'newest', wanted: number): AsyncGenerator<Message, void, undefined> {
    const { role, agent, raw = false } = this.options;
    const rows = this.client.messages.of(this.session.id, {
      order,
      withRaw: raw,
      // Some rows are passed over, so tiny pages would be many.
      pageSize: Math.min(1000, Math.max(100, wanted)),
      ...(role === undefined ? {} : { speaker: role }),
      ...(agent === undefined ? {} : { agentId: agent }),
    });
    for await (const row of rows) {
      if (this.keeps(row)) {
        yield row;
      } else {
        this.leftOut += 1;
      }
    }
  }
}
