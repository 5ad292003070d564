/** `han db restore-transcripts`: get transcripts back, byte for byte. */
import { resolve } from 'node:path';
import type { RestoreReport } from '@han/client';
import type { Command } from 'commander';
import { findSession } from '../../archive.js';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import type { Runner } from '../../main.js';
import { collect } from '../../options.js';
import { writeJson } from '../../output/json.js';
import { printable } from '../../output/printable.js';
import { bytes, count, counted, duration } from '../../output/units.js';
import { workOnDatabase } from './working.js';

interface Options {
  session?: string[];
  missing?: boolean;
}

/** Transcripts that are named among those that failed. */
const shownFailures = 5;

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('write transcripts back as files, also those that are gone')
    .description(
      'Write transcripts below a folder, byte for byte as they were indexed, also those whose files the agent has deleted. The folder can be indexed like a configuration folder. A file that is there already stays.',
    )
    .argument('<folder>', 'where to; made when it does not exist')
    .option('--session <id>', 'only this session, by the beginning of its id; may be repeated', collect)
    .option('--missing', 'only transcripts whose files are gone')
    .addHelpText(
      'after',
      `
Examples:
  $ han db restore-transcripts ~/old-transcripts --missing
  $ han db restore-transcripts /tmp/one --session 4f2a
  $ han index --db /tmp/new.db --config-dir ~/old-transcripts

Ends with exit code 1 when a transcript could not be written, 3 when there is none.`,
    )
    .action(runner(run));
}

async function run(context: Context, folder: string, options: Options): Promise<ExitCode> {
  const { value: report, exit } = await workOnDatabase(context, 'nothing was written', (client, job) =>
    client.maintenance.restoreTranscripts(resolve(folder), {
      ...job,
      onlyMissing: options.missing ?? false,
      sessionIds: options.session?.map((id) => findSession(client, id, context).id),
    }),
  );
  if (context.json) {
    await writeJson(context.out, report);
  } else {
    await writeReport(context, report);
  }
  if (report.status === 'partial') {
    return exit ?? exitCode.interrupted;
  }
  if (report.filesFailed > 0) {
    return exitCode.failure;
  }
  return report.transcripts.length === 0 ? exitCode.nothingFound : exitCode.ok;
}

async function writeReport({ out, err }: Context, report: RestoreReport): Promise<void> {
  if (report.transcripts.length === 0) {
    await out.line('There is no such transcript.');
    return;
  }
  const unchanged =
    report.filesUnchanged > 0 ? `; ${counted(report.filesUnchanged, 'file')} were there already` : '';
  await out.line(
    `Wrote ${counted(report.filesRestored, 'transcript')} (${bytes(report.bytesRestored)}) in ${duration(report.durationMs)}${unchanged}.`,
  );
  await out.line(`Folder: ${report.folder}`);
  const failed = report.transcripts.filter(({ status }) => status === 'failed');
  if (failed.length > 0) {
    await err.line(`${counted(failed.length, 'transcript')} could not be written:`);
    for (const { restoredPath, error = '' } of failed.slice(0, shownFailures)) {
      await err.line(`  ${printable(restoredPath)}: ${printable(error)}`);
    }
    if (failed.length > shownFailures) {
      await err.line(`  and ${count(failed.length - shownFailures)} more`);
    }
  }
  if (report.status === 'partial') {
    await err.line('Interrupted. What was written stays; the same command goes on from there.');
  }
}
