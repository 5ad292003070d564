/** `han db backup`: a copy of the database. */
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { resolveDbPath } from '../../archive.js';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import type { Runner } from '../../main.js';
import { writeJson } from '../../output/json.js';
import { bytes, counted, duration } from '../../output/units.js';
import { workOnDatabase } from './working.js';

interface Options {
  force?: boolean;
  verify: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('copy the database to a file, while others use it')
    .description(
      'Copy the database, as one committed state of it, to a file that only you can read; others may write meanwhile. The copy is checked, and appears when it is whole. It is a database of its own: name it with --db.',
    )
    .argument('[file]', 'where to; default: han-<date>-<time>.db beside the database')
    .option('--force', 'write over the file when it exists')
    .option('--no-verify', 'do not check the copy: saves what can be saved of a damaged database')
    .addHelpText(
      'after',
      `
Examples:
  $ han db backup
  $ han db backup ~/backup/han.db --force
  $ han sessions --db ~/backup/han.db`,
    )
    .action(runner(run));
}

async function run(context: Context, file: string | undefined, options: Options): Promise<ExitCode> {
  const target = file === undefined ? await defaultTarget(context) : resolve(file);
  const { value: report } = await workOnDatabase(context, 'no backup was made', (client, job) =>
    client.maintenance.backup(target, { ...job, overwrite: options.force ?? false, verify: options.verify }),
  );
  if (context.json) {
    await writeJson(context.out, report);
  } else {
    const verified = report.verified ? ', verified' : ', not verified';
    await context.out.line(
      `Backed up ${bytes(report.bytes)} with ${counted(report.rows, 'row')} of ${counted(report.tables, 'table')} in ${duration(report.durationMs)}${verified}.`,
    );
    await context.out.line(`Backup: ${report.path}`);
  }
  return exitCode.ok;
}

async function defaultTarget(context: Context): Promise<string> {
  const moment = new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  return join(dirname(await resolveDbPath(context)), `han-${moment}.db`);
}
