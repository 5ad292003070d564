/** `han jsonl`: files of JSON lines, seen as lines. Its commands need no database. */
import type { Command } from 'commander';
import type { Runner } from '../main.js';
import * as count from './jsonl/count.js';
import * as filter from './jsonl/filter.js';
import * as index from './jsonl/index.js';
import * as page from './jsonl/page.js';
import * as tail from './jsonl/tail.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'Work on files of JSON lines of any size, also while they are written. Lines are counted from 0. "-" is the standard input. No database is used.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ han jsonl count ~/.claude/projects/*/*.jsonl
  $ han jsonl page session.jsonl --offset 5000 --limit 20
  $ han jsonl tail session.jsonl --follow
  $ han jsonl filter session.jsonl --where type=user --since yesterday
  $ han jsonl index archive.jsonl

han jsonl <command> --help shows the options of each.`,
    );
  count.configure(command.command('count'), runner);
  page.configure(command.command('page'), runner);
  tail.configure(command.command('tail'), runner);
  filter.configure(command.command('filter'), runner);
  index.configure(command.command('index'), runner);
}
