/** What happened in a stretch of time, as tables and a chart. */
import type { DayUsage, ToolFigures, UsageFigures } from '@han/client';
import type { Context } from '../../context.js';
import { bar } from '../../output/chart.js';
import { dollars } from '../../output/money.js';
import { oneLine } from '../../output/printable.js';
import { shortIds } from '../../output/session-id.js';
import { type Column, drawTable } from '../../output/table.js';
import { cutTo } from '../../output/text.js';
import { count, counted, duration, localTime } from '../../output/units.js';
import type { Period } from './period.js';

/** Cells of the longest bar. */
const longestBar = 40;

/** Days that the chart shows one by one; more become months. */
const mostDays = 62;

/** What happened in all, a line each. */
export function summaryLines(period: Period, { cells, colors }: Context): string[] {
  const { total, calls, unpricedModels } = period;
  const until = period.until === undefined ? '' : ` until ${localTime(period.until)}`;
  const cached = `${count(total.cacheReadTokens)} from the cache, ${count(total.cacheCreationTokens)} into it`;
  const failed = calls.errorCount > 0 ? `, ${count(calls.errorCount)} failed (${rate(calls)})` : '';
  const started = calls.agents.reduce((sum, { count: agents }) => sum + agents, 0);
  const facts: [string, string][] = [
    [
      'cost',
      `${costText(total)} at list prices${period.pricesDate === '' ? '' : ` of ${period.pricesDate}`}`,
    ],
    ['tokens', `${count(total.inputTokens)} in, ${count(total.outputTokens)} out, ${cached}`],
    ['replies', count(total.replyCount)],
    ['calls', `${count(calls.callCount)} of tools${failed}, ${counted(started, 'agent')} started`],
    ['edits', `${counted(calls.fileCount, 'file')}, ${changedLines(calls)}`],
    ['summed up', counted(calls.compactionCount, 'compaction')],
  ];
  const unpriced = unpricedModels.map((model) => oneLine(model) || '(unnamed)').join(', ');
  return [
    colors.bold(cutTo(`Since ${localTime(period.since)}${until}`, cells)),
    ...facts.map(([name, value]) => `${colors.dim(name.padEnd(11))}${cutTo(value, cells - 11)}`),
    ...(unpriced === ''
      ? []
      : [colors.yellow(cutTo(`Without a price, and so not in the cost: ${unpriced}`, cells))]),
  ];
}

/** The tables that a period has rows for, each as one text. */
export function periodTables(
  period: Period,
  wantsCalls: { tools: boolean; agents: boolean; files: boolean },
  context: Context,
): string[] {
  const { cells, colors } = context;
  const { calls } = period;
  const table = (columns: Column[], rows: string[][]) =>
    rows.length === 0 ? [] : [drawTable(columns, rows, cells, colors.bold)];
  const usage = <Row extends UsageFigures>(
    head: string,
    rows: Row[] | undefined,
    name: (row: Row) => string,
  ) =>
    table(
      [{ head, shrinksTo: 10 }, ...usageColumns],
      (rows ?? []).map((row) => [oneLine(name(row)), ...usageCells(row)]),
    );
  return [
    ...dayChart(period.days ?? [], context),
    ...usage('MODEL', period.models, ({ model }) => model ?? '(unnamed)'),
    ...usage('PROJECT', period.projects, ({ projectName }) => projectName ?? '(none)'),
    ...sessionTable(period, table),
    ...usage('AGENT', period.agentUsage, ({ agentId }) => agentId ?? 'main'),
    ...(wantsCalls.tools ? table(toolColumns, calls.tools.map(toolCells)) : []),
    ...(wantsCalls.agents
      ? table(
          [
            { head: 'KIND OF AGENT', shrinksTo: 10 },
            { head: 'STARTED', align: 'right' },
          ],
          calls.agents.map(({ subagentType, count: started }) => [oneLine(subagentType), count(started)]),
        )
      : []),
    ...(wantsCalls.files
      ? table(
          [
            { head: 'FILE', shrinksTo: 16 },
            { head: 'CHANGES', align: 'right' },
            { head: 'LINES', align: 'right' },
          ],
          calls.files.map((file) => [oneLine(file.path), count(file.changeCount), signedLines(file)]),
        )
      : []),
  ];
}

const usageColumns: Column[] = ['COST', 'REPLIES', 'IN', 'OUT', 'CACHED'].map((head) => ({
  head,
  align: 'right',
}));

function usageCells(row: UsageFigures): string[] {
  return [
    costText(row),
    count(row.replyCount),
    count(row.inputTokens),
    count(row.outputTokens),
    count(row.cacheReadTokens + row.cacheCreationTokens),
  ];
}

/** The cost; `+` where something is not in it because its model has no price. */
function costText({ costDollars, unpricedReplies }: UsageFigures): string {
  return `${dollars(costDollars)}${unpricedReplies > 0 ? '+' : ''}`;
}

function sessionTable(
  { sessions = [] }: Period,
  table: (columns: Column[], rows: string[][]) => string[],
): string[] {
  const ids = shortIds(sessions.map(({ sessionId }) => sessionId));
  const columns: Column[] = [
    { head: 'SESSION' },
    { head: 'PROJECT', shrinksTo: 8 },
    ...usageColumns.slice(0, 2),
    { head: 'OUT', align: 'right' },
    { head: 'TITLE', shrinksTo: 12 },
  ];
  const rows = sessions.map((session, index) => [
    ids[index] ?? '',
    oneLine(session.projectName ?? ''),
    costText(session),
    count(session.replyCount),
    count(session.outputTokens),
    oneLine(session.sessionTitle ?? ''),
  ]);
  return table(columns, rows);
}

const toolColumns: Column[] = [
  { head: 'TOOL', shrinksTo: 10 },
  ...['CALLS', 'FAILED', 'RATE', 'MEAN TIME'].map((head): Column => ({ head, align: 'right' })),
];

function toolCells(tool: ToolFigures): string[] {
  return [
    oneLine(tool.name),
    count(tool.callCount),
    count(tool.errorCount),
    rate(tool),
    tool.resultCount === 0 ? '' : duration(tool.totalDurationMs / tool.resultCount),
  ];
}

function rate({ callCount, errorCount }: { callCount: number; errorCount: number }): string {
  return callCount === 0 ? '' : `${((100 * errorCount) / callCount).toFixed(1)}%`;
}

function changedLines({ linesAdded, linesRemoved }: { linesAdded: number; linesRemoved: number }): string {
  return `+${count(linesAdded)} -${counted(linesRemoved, 'line')}`;
}

function signedLines({ linesAdded, linesRemoved }: { linesAdded: number; linesRemoved: number }): string {
  return `+${count(linesAdded)} -${count(linesRemoved)}`;
}

/** A day or a month of the chart. */
interface Step {
  name: string;
  cost: number;
  output: number;
  cells: string[];
}

/** Days, or months where there are many, with a bar each: of the cost, or of tokens where nothing has a price. */
function dayChart(days: DayUsage[], { cells, colors }: Context): string[] {
  const steps = days.length > mostDays ? months(days) : withQuietDays(days).map(step);
  if (steps.length === 0) {
    return [];
  }
  const byCost = steps.some(({ cost }) => cost > 0);
  const value = ({ cost, output }: Step) => (byCost ? cost : output);
  const largest = Math.max(...steps.map(value));
  const columns: Column[] = [
    { head: days.length > mostDays ? 'MONTH (UTC)' : 'DAY (UTC)' },
    ...usageColumns.slice(0, 2),
    { head: 'OUT', align: 'right' },
  ];
  const plain = drawTable(
    columns,
    steps.map(({ cells: texts }) => texts),
    cells,
  ).split('\n');
  // Numbers end where the widest line does; what is left of the width is for the bars.
  const width = Math.max(...plain.map((line) => line.length));
  const room = Math.min(longestBar, cells - width - 2);
  return [
    plain
      .map((line, index) => {
        const shown = steps[index - 1];
        if (shown === undefined) {
          return colors.bold(line);
        }
        const painted = bar(value(shown), largest, room);
        return painted === '' ? line : `${line.padEnd(width)}  ${colors.cyan(painted)}`;
      })
      .join('\n'),
  ];
}

function step(day: DayUsage): Step {
  const { date: name, costDollars: cost, outputTokens: output } = day;
  return { name, cost, output, cells: [name, costText(day), count(day.replyCount), count(output)] };
}

/** The days with those between them on which nothing was used, as far as they are no more than the chart takes. */
function withQuietDays(days: DayUsage[]): DayUsage[] {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) {
    return days;
  }
  const known = new Map(days.map((day) => [day.date, day]));
  const quiet = Object.fromEntries(Object.keys(first).map((key) => [key, 0])) as unknown as DayUsage;
  const all: DayUsage[] = [];
  for (let time = Date.parse(first.date); time <= Date.parse(last.date); time += 86_400_000) {
    const date = new Date(time).toISOString().slice(0, 10);
    all.push(known.get(date) ?? { ...quiet, date });
  }
  return all.length > mostDays ? days : all;
}

function months(days: DayUsage[]): Step[] {
  const sums = new Map<string, DayUsage>();
  for (const day of days) {
    const date = day.date.slice(0, 7);
    const sum = sums.get(date);
    sums.set(date, {
      ...day,
      date,
      costDollars: day.costDollars + (sum?.costDollars ?? 0),
      outputTokens: day.outputTokens + (sum?.outputTokens ?? 0),
      replyCount: day.replyCount + (sum?.replyCount ?? 0),
      unpricedReplies: day.unpricedReplies + (sum?.unpricedReplies ?? 0),
    });
  }
  return [...sums.values()].map(step);
}
