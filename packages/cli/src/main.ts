/** The program `han`: reads the command line, loads the command that was asked for, and tells how it ended. */
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { type Context, createContext, type GlobalOptions } from './context.js';
import { type ExitCode, exitCode } from './exit-codes.js';
import { collect } from './options.js';
import { writeFailure } from './output/failure.js';

/** Turns what a command does into what commander calls: `values` are its arguments and its options. */
export type Runner = <Values extends unknown[]>(
  action: (context: Context, ...values: Values) => Promise<ExitCode>,
) => (...values: unknown[]) => Promise<void>;

/** A command that is loaded when the command line names it. */
interface CommandEntry {
  name: string;
  summary: string;
  load: () => Promise<{ configure: (command: Command, runner: Runner) => void }>;
}

const commands: CommandEntry[] = [
  {
    name: 'index',
    summary: 'index new transcripts and what was added to known ones',
    load: () => import('./commands/index.js'),
  },
  { name: 'search', summary: 'search everything that was said', load: () => import('./commands/search.js') },
  {
    name: 'sessions',
    summary: 'list sessions, newest activity first',
    load: () => import('./commands/sessions.js'),
  },
  { name: 'show', summary: 'read one session', load: () => import('./commands/show.js') },
  { name: 'stats', summary: 'show totals of the database', load: () => import('./commands/stats.js') },
  {
    name: 'jsonl',
    summary: 'count, page, tail, filter and index files of JSON lines',
    load: () => import('./commands/jsonl.js'),
  },
  {
    name: 'git',
    summary: 'look at the git repository of a folder',
    load: () => import('./commands/git.js'),
  },
  {
    name: 'glob',
    summary: 'list files that match patterns',
    load: () => import('./commands/glob.js'),
  },
  { name: 'hash', summary: 'print the hashes of files', load: () => import('./commands/hash.js') },
  {
    name: 'manifest',
    summary: 'keep the hashes of a tree and tell what changed',
    load: () => import('./commands/manifest.js'),
  },
  {
    name: 'db',
    summary: 'back up, check, repair, measure, shrink and export the database',
    load: () => import('./commands/db.js'),
  },
  {
    name: 'doctor',
    summary: 'check the installation and the database',
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'welcome',
    summary: 'index this machine once and show what can be done with it',
    load: () => import('./commands/welcome.js'),
  },
];

const examples = `
Examples:
  $ han index                          index the transcripts of this machine
  $ han search connection pool         find messages with both words
  $ han sessions --since 7d            what happened in the last week
  $ han show 4f2a                      read the session whose id begins so

Exit codes:
  0 done   1 failed   2 wrong usage   3 nothing found   4 no database yet   130 interrupted`;

/**
 * Runs the program. Sets `process.exitCode` and never ends the process itself, so that everything written arrives.
 *
 * @param argv - As `process.argv`.
 */
export async function run(argv: string[]): Promise<void> {
  leaveQuietlyWhenTheReaderDoes();
  const program = new Command('han')
    .description('Indexes the session transcripts of coding agents and answers questions about them.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .option('--db <file>', 'database file (default: han.db in the data folder)')
    .option('--config-dir <dir>', 'configuration folder to look for transcripts in; may be repeated', collect)
    .option('--json', 'answer with one JSON document')
    .option('--quiet', 'show no progress')
    .option('--no-color', 'use no colour (also: NO_COLOR, FORCE_COLOR)')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help shows what can be given)')
    .addHelpText('after', examples)
    .exitOverride();
  const runner: Runner =
    <Values extends unknown[]>(action: (context: Context, ...values: Values) => Promise<ExitCode>) =>
    async (...given) => {
      // Commander passes the arguments, the options, and last the command itself.
      const command = given.at(-1) as Command;
      const values = given.slice(0, -1) as Values;
      process.exitCode = await finish(command.optsWithGlobals(), (context) => action(context, ...values));
    };
  for (const { name, summary, load } of commands) {
    const command = program.command(name).summary(summary).description(summary);
    // A word that is no command but the value of an option loads one more than needed, and harms nothing.
    if (argv.includes(name, 2)) {
      (await load()).configure(command, runner);
    }
  }
  if (argv.length <= 2) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    // Help and version end with 0; everything else that commander refuses is wrong usage.
    process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  }
}

async function finish(
  options: GlobalOptions,
  work: (context: Context) => Promise<ExitCode>,
): Promise<ExitCode> {
  const context = createContext(options);
  try {
    return await work(context);
  } catch (thrown) {
    return await writeFailure(context, thrown);
  }
}

/** `han … | head` closes the pipe when it has enough: that is no error. */
function leaveQuietlyWhenTheReaderDoes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') {
        process.exit(process.exitCode ?? exitCode.ok);
      }
      throw error;
    });
  }
}
