/** `han db`: keeping the database well. */
import type { Command } from 'commander';
import type { Runner } from '../main.js';
import * as backup from './db/backup.js';
import * as checkpoint from './db/checkpoint.js';
import * as exportRows from './db/export.js';
import * as integrity from './db/integrity.js';
import * as restoreTranscripts from './db/restore-transcripts.js';
import * as stats from './db/stats.js';
import * as vacuum from './db/vacuum.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'Keep the database well: copy it, check and repair it, see what takes how much, shrink it, export its rows, and get transcripts back whose files are gone. Other programs may use the database meanwhile.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ han db backup ~/backup/han.db
  $ han db integrity --repair
  $ han db stats --sizes
  $ han db export --table sessions | jq .row.title
  $ han db restore-transcripts ~/old-transcripts --missing

han db <command> --help shows the options of each.`,
    );
  backup.configure(command.command('backup'), runner);
  integrity.configure(command.command('integrity'), runner);
  stats.configure(command.command('stats'), runner);
  vacuum.configure(command.command('vacuum'), runner);
  checkpoint.configure(command.command('checkpoint'), runner);
  exportRows.configure(command.command('export'), runner);
  restoreTranscripts.configure(command.command('restore-transcripts'), runner);
}
