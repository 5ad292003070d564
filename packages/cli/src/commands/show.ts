/** `han show`: read one session. */
import type { HanClient, Message, SessionOverview } from '@han/client';
import type { Command } from 'commander';
import { findSession, openExisting } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import type { Runner } from '../main.js';
import { agentOption, type Role, roleOption, wholeNumber } from '../options.js';
import { hasText, sessionLines } from '../output/conversation.js';
import { writeJsonWithList } from '../output/json.js';
import { count, counted } from '../output/units.js';
import { type PricesOptions, pricesOption, pricesPath } from '../prices.js';
import { SessionCalls } from './show/calls.js';
import { Conversation } from './show/conversation.js';
import { type Fate, Rows } from './show/rows.js';

interface Options extends PricesOptions {
  role?: Role;
  agent?: string;
  limit: number;
  all?: boolean;
  newest?: boolean;
  full?: boolean;
  tools?: boolean;
  agents?: boolean;
  raw?: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'Read one session in the order in which it happened: calls of tools on a line each, conversations of agents folded.',
    )
    .argument('<session>', 'id of the session, or a beginning of it that no other id has')
    .addOption(roleOption())
    .addOption(agentOption())
    .option('--limit <n>', 'show so many messages', wholeNumber(1, Number.POSITIVE_INFINITY), 100)
    .option('--newest', 'show the last messages instead of the first')
    .option('--all', 'show every message')
    .option('--tools', 'show what tools were given and gave back (with --json: as input and result)')
    .option('--agents', 'show what agents said, indented')
    .option('--full', 'show long messages whole')
    .option(
      '--raw',
      'print the lines of the transcript as they were written (with --json: add them as rawJson)',
    )
    .addOption(pricesOption())
    .addHelpText(
      'after',
      `
Examples:
  $ han show 4f2a
  $ han show 4f2a --tools --newest --limit 5 --full
  $ han show 4f2a --role user --all
  $ han show 4f2a --agent a881341
  $ han show 4f2a --all --raw > session.jsonl
  $ han show 4f2a --all --json | jq '.messages[].toolCalls[]? | select(.isError) | .name'`,
    )
    .action(runner(run));
}

async function run(context: Context, id: string, options: Options): Promise<ExitCode> {
  const client = await openExisting(context);
  const session = findSession(client, id, context);
  if (context.json) {
    await writeDocument(context, client, session, options);
  } else if (options.raw) {
    for await (const { rawJson } of new Rows(client, session.id, options, () => 'shown').read()) {
      if (rawJson !== undefined) {
        await context.out.line(rawJson);
      }
    }
  } else {
    await writeText(context, client, session, options);
  }
  client.close();
  return exitCode.ok;
}

/** What a session used, cost and did, where it was summed up, and its calls. */
async function readTotals(client: HanClient, { id: sessionId }: SessionOverview, options: Options) {
  const [usage, figures, calls] = await Promise.all([
    client.usage.query({ groupBy: 'agent', sessionId, ...pricesPath(options) }),
    client.usage.calls({ sessionId }),
    SessionCalls.read(client, sessionId),
  ]);
  return { usage, figures, calls, compactions: client.compactions.list(sessionId) };
}

async function writeDocument(
  context: Context,
  client: HanClient,
  session: SessionOverview,
  options: Options,
): Promise<void> {
  const { usage, figures, calls, compactions } = await readTotals(client, session, options);
  const rows = new Rows(client, session.id, options, () => 'shown');
  async function* messages() {
    for await (const message of rows.read()) {
      const made = calls.of(message);
      const toolCalls = options.tools ? made.map((call) => calls.whole(call)) : made;
      yield made.length === 0 ? message : { ...message, toolCalls };
    }
  }
  const agents = usage.rows.map((row) => {
    const kind = row.agentId === undefined ? undefined : calls.kindOf(row.agentId);
    return { ...row, ...(kind === undefined ? {} : { kind }) };
  });
  const { total, unpricedModels } = usage;
  await writeJsonWithList(
    context.out,
    { session, totals: { ...total, unpricedModels, calls: figures }, agents, compactions },
    'messages',
    messages(),
    () => ({ hasMore: rows.hasMore }),
  );
}

async function writeText(
  context: Context,
  client: HanClient,
  session: SessionOverview,
  options: Options,
): Promise<void> {
  const { usage, figures, calls, compactions } = await readTotals(client, session, options);
  const { cells, colors, out } = context;
  for (const line of sessionLines(session, { usage: usage.total, calls: figures }, cells, colors)) {
    await out.line(line);
  }
  const { tools = false, agents = false, full = false } = options;
  const isAgentsOwn = options.agent !== undefined;
  const rows = new Rows(client, session.id, options, fateOf(calls, options));
  const conversation = new Conversation(
    context,
    calls,
    compactions,
    { tools, agents, full },
    { isStart: !options.newest, isAgentsOwn },
  );
  for await (const message of rows.read()) {
    await conversation.write(message);
  }
  await conversation.end(!rows.hasMore);
  await out.line(colors.dim(`\n${notes(conversation.shown, rows, session).join('; ')}.`));
}

/** People read messages: rows without text are not shown, nor results, which the lines of their calls tell. */
function fateOf(calls: SessionCalls, { role, agent, agents = false }: Options): (row: Message) => Fate {
  const foldsAgents = agent === undefined && !agents;
  return (row) => {
    if (!hasText(row)) {
      return 'silent';
    }
    if (role !== 'tool' && calls.isResult(row)) {
      return 'folded';
    }
    return foldsAgents && row.agentId !== undefined ? 'passed' : 'shown';
  };
}

function notes(shown: number, rows: Rows, { rowCount }: SessionOverview): string[] {
  const { silent, folded } = rows.leftOut;
  return [
    `${counted(shown, 'message')} shown`,
    ...(silent > 0 ? [`${counted(silent, 'row')} without text left out`] : []),
    ...(folded > 0 ? [`${counted(folded, 'result')} of tools folded: --tools shows them`] : []),
    ...(rows.hasMore ? [`${count(rowCount)} rows in all: --all, --newest or --limit shows others`] : []),
  ];
}
