/** `han db integrity`: is everything in order, and if not, can it be made anew. */
import type { IntegrityPart } from '@han/client';
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import type { Runner } from '../../main.js';
import { writeJson } from '../../output/json.js';
import { printable } from '../../output/printable.js';
import { duration } from '../../output/units.js';
import { workOnDatabase } from './working.js';

interface Options {
  quick?: boolean;
  repair?: boolean;
}

/** Problems of a part that are printed. */
const shownProblems = 10;

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('check the database, and repair what can be repaired')
    .description(
      'Check the whole database, part by part: pages, rows and index entries; rows that refer to others; counters; search indexes, word by word. Nobody has to wait for it. With --repair, indexes, counters and search indexes that are wrong are made anew; until that is done, a search does not find everything.',
    )
    .option('--quick', 'leave out whether indexes have the entries of their rows')
    .option('--repair', 'make anew what is wrong and can be made anew')
    .addHelpText(
      'after',
      `
Examples:
  $ han db integrity
  $ han db integrity --repair
  $ han db integrity --json | jq '.parts[] | select(.ok | not)'

Ends with exit code 1 when something is wrong and was not repaired.`,
    )
    .action(runner(run));
}

async function run(context: Context, options: Options): Promise<ExitCode> {
  const { value: report, exit } = await workOnDatabase(context, 'nothing was found yet', (client, job) =>
    client.maintenance.integrity({
      ...job,
      quick: options.quick ?? false,
      repair: options.repair ?? false,
    }),
  );
  if (context.json) {
    await writeJson(context.out, report);
  } else {
    for (const part of report.parts) {
      await writePart(context, part);
    }
    await context.out.line();
    await context.out.line(verdict(context, report.status, report.parts));
  }
  if (report.status === 'partial') {
    return exit ?? exitCode.interrupted;
  }
  return report.ok ? exitCode.ok : exitCode.failure;
}

async function writePart({ out, colors }: Context, part: IntegrityPart): Promise<void> {
  const status = part.repaired
    ? colors.yellow('mended')
    : part.ok
      ? colors.green('ok    ')
      : colors.red('fail  ');
  await out.line(`${status}  ${part.name.padEnd(38)}  ${duration(part.durationMs)}`);
  for (const problem of part.problems.slice(0, shownProblems)) {
    await out.line(`        ${printable(problem)}`);
  }
  if (part.problems.length > shownProblems) {
    await out.line(`        and ${part.problems.length - shownProblems} more`);
  }
}

function verdict({ program }: Context, status: string, parts: IntegrityPart[]): string {
  if (status === 'partial') {
    return 'Interrupted: not everything was looked at. What was repaired is repaired.';
  }
  const wrong = parts.filter(({ ok }) => !ok).map(({ name }) => name);
  if (wrong.length === 0) {
    return parts.some(({ repaired }) => repaired) ? 'All is well again.' : 'All is well.';
  }
  return `Not in order: ${wrong.join(', ')}. Try: ${program} db integrity --repair; else go back to a backup, or index again into a new file.`;
}
