/** `han db vacuum`: give space back. */
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import type { Runner } from '../../main.js';
import { writeJson } from '../../output/json.js';
import { bytes, duration } from '../../output/units.js';
import { workOnDatabase } from './working.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('shrink the database file')
    .description(
      'Write the database anew without its empty pages. Takes as much free space as the rows twice, which is looked at first. Who wants to write meanwhile waits, 30 seconds at most; reading goes on. `han db stats` shows how much is empty.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ han db vacuum
  $ han db vacuum --json | jq .bytesAfter`,
    )
    .action(runner(run));
}

async function run(context: Context): Promise<ExitCode> {
  const { value: report } = await workOnDatabase(context, 'the database is as it was', (client, job) =>
    client.maintenance.vacuum(job),
  );
  if (context.json) {
    await writeJson(context.out, report);
    return exitCode.ok;
  }
  const { bytesBefore, bytesAfter, durationMs, shrunk } = report;
  await context.out.line(`From ${bytes(bytesBefore)} to ${bytes(bytesAfter)} in ${duration(durationMs)}.`);
  if (!shrunk) {
    await context.err.line(
      `Others still read what was before: the file gets smaller with the next ${context.program} db checkpoint --truncate.`,
    );
  }
  return exitCode.ok;
}
