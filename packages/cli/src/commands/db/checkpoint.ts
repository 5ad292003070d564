/** `han db checkpoint`: move the write-ahead log into the database. */
import type { Command } from 'commander';
import { openExisting } from '../../archive.js';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import type { Runner } from '../../main.js';
import { writeJson } from '../../output/json.js';
import { bytes, count, duration } from '../../output/units.js';

interface Options {
  truncate?: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('move the write-ahead log into the database file')
    .description(
      'Move the write-ahead log into the database file. This happens by itself; it helps before the file alone is copied, or when the log has grown. Waits for nobody: what others still read stays in the log.',
    )
    .option('--truncate', 'empty the log too; tried for a second while others use it')
    .addHelpText(
      'after',
      `
Examples:
  $ han db checkpoint
  $ han db checkpoint --truncate

Ends with exit code 1 when others kept something in the log.`,
    )
    .action(runner(run));
}

async function run(context: Context, options: Options): Promise<ExitCode> {
  const client = await openExisting(context);
  const report = await client.maintenance.checkpoint(options.truncate ? 'truncate' : 'passive');
  client.close();
  if (context.json) {
    await writeJson(context.out, report);
  } else {
    const { framesMoved, framesInLog, walBytesBefore, walBytesAfter, durationMs } = report;
    await context.out.line(
      `${count(framesMoved)} of ${count(framesInLog)} frames are in the database; the log has ${bytes(walBytesAfter)}, it had ${bytes(walBytesBefore)}. ${duration(durationMs)}.`,
    );
    if (!report.complete) {
      await context.err.line('Others use the log, so not all of it could be moved.');
    }
  }
  return report.complete ? exitCode.ok : exitCode.failure;
}
