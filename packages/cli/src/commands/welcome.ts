/** `han welcome`: index what is there, or the bundled sample, and show what can be done with it. */
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveStats, HanClient, IndexReport, SearchPage, SessionOverview } from '@han/client';
import type { Command } from 'commander';
import { loadClient } from '../archive.js';
import { type Context, shellWord } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { indexWithProgress, reportLines, warningLines } from '../indexing.js';
import type { Runner } from '../main.js';
import { hitLines } from '../output/hits.js';
import { writeJson } from '../output/json.js';
import { uniqueId } from '../output/session-id.js';
import { sessionsTable } from '../output/sessions-table.js';
import { bytes, counted } from '../output/units.js';
import { countTranscripts } from '../transcripts.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'Index the transcripts of this machine and show what can be done with them. Where there are none, a small sample that comes with han is used, in a database file of its own.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ han welcome
  $ han welcome --config-dir ~/.claude --db /tmp/try.db`,
    )
    .action(runner(run));
}

/** What is indexed, and into which file. */
interface Source {
  kind: 'transcripts' | 'sample';
  configDirs: string[];
  dbPath: string;
}

/** Sessions and hits that are shown. */
const shownSessions = 5;
const shownHits = 3;

async function run(context: Context): Promise<ExitCode> {
  const source = await chooseSource(context);
  if (source.kind === 'sample' && !context.json) {
    await context.out.line(
      'This machine has no transcripts yet, so the sample that comes with han is shown.',
    );
    await context.out.line(`It goes into a database of its own and never mixes with real data.`);
    await context.out.line();
  }
  const { configDirs } = source;
  const indexed = await indexWithProgress(context, source.dbPath, [
    (opened, options) => opened.indexer.scan({ ...options, configDirs }),
  ]);
  const { client } = indexed;
  const stats = await client.stats();
  const sessions = client.sessions.page({ limit: shownSessions }).items;
  const search = await sampleSearch(client, sessions);
  const [session] = sessions;
  const sessionId =
    session && uniqueId(session.id, (beginning, limit) => client.sessions.find(beginning, limit));
  client.close();

  if (context.json) {
    const { kind, dbPath } = source;
    await writeJson(context.out, {
      source: kind,
      configDirs,
      dbPath,
      report: indexed.report,
      stats,
      sessions,
      search,
    });
  } else {
    for (const line of [...reportLines(indexed), archiveLine(stats), `Database: ${source.dbPath}`]) {
      await context.out.line(line);
    }
    for (const line of warningLines(indexed)) {
      await context.err.line(line);
    }
    if (indexed.exit === undefined) {
      await writeTour(context, source, { sessions, sessionId, search });
    }
  }
  return indexed.exit ?? (isUseless(indexed.report) ? exitCode.failure : exitCode.ok);
}

async function chooseSource(context: Context): Promise<Source> {
  const { HanClient } = await loadClient();
  const info = HanClient.info();
  const dbPath = context.dbPath ?? info.defaultDbPath;
  const configDirs = context.configDirs ?? [info.defaultConfigDir];
  for (const configDir of configDirs) {
    if ((await countTranscripts(configDir, 1)).files > 0) {
      return { kind: 'transcripts', configDirs, dbPath };
    }
  }
  const sample = fileURLToPath(new URL('../sample', import.meta.url));
  return { kind: 'sample', configDirs: [sample], dbPath: join(dirname(dbPath), 'sample.db') };
}

/** Everything that was found failed: there is nothing to show. */
function isUseless(report: IndexReport): boolean {
  return report.filesFailed > 0 && report.filesFailed === report.filesSeen;
}

function archiveLine(stats: ArchiveStats): string {
  const { files, sourceBytes, sessions, messages } = stats;
  const contents = [counted(sessions, 'session'), counted(messages, 'message')].join(' and ');
  return `The database now holds ${contents} from ${counted(files, 'file')} (${bytes(sourceBytes)}).`;
}

/** A search that finds something: the longest word of a recent session's beginning that has a hit. */
async function sampleSearch(
  client: HanClient,
  sessions: SessionOverview[],
): Promise<{ query: string; page: SearchPage } | undefined> {
  for (const query of sampleWords(sessions)) {
    const page = await client.search.page(query, { limit: shownHits });
    if (page.items.length > 0) {
      return { query, page };
    }
  }
  return undefined;
}

/** Words worth searching for, best first. */
export function sampleWords(sessions: Pick<SessionOverview, 'title' | 'firstPrompt'>[]): string[] {
  const words = sessions.flatMap(({ title = '', firstPrompt = '' }) => {
    const found = `${title} ${firstPrompt}`.match(/\p{L}{4,20}/gu) ?? [];
    return found.sort((a, b) => b.length - a.length).slice(0, 3);
  });
  return [...new Set([...words, 'error', 'test'])];
}

/** What the tour shows. */
interface Findings {
  sessions: SessionOverview[];
  /** A beginning of the first session's id that names no other. */
  sessionId: string | undefined;
  search: { query: string; page: SearchPage } | undefined;
}

async function writeTour(
  context: Context,
  source: Source,
  { sessions, sessionId, search }: Findings,
): Promise<void> {
  const { out, colors, cells, program } = context;
  if (sessions.length > 0) {
    await out.line(`\n${colors.bold('Most recent sessions')}\n`);
    await out.line(sessionsTable(sessions, cells, colors));
  }
  if (search !== undefined) {
    await out.line(`\n${colors.bold(`A search: ${search.query}`)}\n`);
    for (const hit of search.page.items) {
      await out.line(`${hitLines(hit, cells, colors).join('\n')}\n`);
    }
  }
  const isDefault = source.kind === 'transcripts' && context.dbPath === undefined;
  const database = isDefault ? '' : ` --db ${shellWord(nearPath(source.dbPath))}`;
  const next = [
    `${program} search ${shellWord(search?.query ?? 'error')} --newest${database}`,
    sessionId === undefined
      ? `${program} sessions${database}`
      : `${program} show ${shellWord(sessionId)}${database}`,
    `${program} stats${database}`,
  ];
  await out.line(`${colors.bold('Try next')}\n`);
  for (const line of next) {
    await out.line(`  ${colors.cyan(line)}`);
  }
}

/** The path from here when that is shorter. */
function nearPath(path: string): string {
  const near = relative('', path);
  return near !== '' && !near.startsWith('..') ? near : path;
}
