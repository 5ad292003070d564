/** `han doctor`: is everything in order, and if not, what helps. */
import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArchiveStats, HanClient, NativeInfo } from '@han/client';
import type { Command } from 'commander';
import { loadClient, openOrCreate } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { tell } from '../failures.js';
import type { Runner } from '../main.js';
import { writeJson } from '../output/json.js';
import { oneLine, printable } from '../output/printable.js';
import { bytes, count, counted } from '../output/units.js';
import { countTranscripts, type TranscriptCount } from '../transcripts.js';

/** One thing that was looked at. */
export interface Check {
  /** Stable name, for programs. */
  name: string;
  status: 'ok' | 'warn' | 'fail';
  /** What was found. */
  detail: string;
  /** What to do about it; only where something should be done. */
  remedy?: string;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .description(
      'Check the installation, the database and the transcripts; say what helps where something is wrong.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ han doctor
  $ han doctor --db /tmp/try.db
  $ han doctor --json | jq '.checks[] | select(.status != "ok")'

Ends with exit code 1 when a check fails. Nothing is created or changed, save that an old database is migrated.`,
    )
    .action(runner(run));
}

async function run(context: Context): Promise<ExitCode> {
  const checks: Check[] = [];
  for await (const check of inspect(context)) {
    checks.push(check);
    if (!context.json) {
      await writeCheck(context, check);
    }
  }
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  if (context.json) {
    await writeJson(context.out, { ok: failed === 0, checks });
  } else {
    const verdict =
      failed > 0
        ? counted(failed, 'problem')
        : warned > 0
          ? `no problem, ${counted(warned, 'note')}`
          : 'all is well';
    await context.out.line(`\n${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}.`);
  }
  return failed > 0 ? exitCode.failure : exitCode.ok;
}

async function writeCheck({ out, colors }: Context, { name, status, detail, remedy }: Check): Promise<void> {
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }[status];
  const [first = '', ...rest] = printable(detail).split('\n');
  await out.line(`${paint(status.padEnd(4))}  ${name.padEnd(12)}  ${first}`);
  for (const line of rest) {
    await out.line(`${' '.repeat(20)}${line}`);
  }
  if (remedy !== undefined) {
    await out.line(`${' '.repeat(20)}${colors.bold('try:')} ${printable(remedy)}`);
  }
}

async function* inspect(context: Context): AsyncGenerator<Check, void, undefined> {
  yield checkNode();
  let info: NativeInfo;
  try {
    const { HanClient } = await loadClient();
    info = HanClient.info();
    const { version, target, sqliteVersion, threads } = info;
    const detail = `${version} for ${target}, SQLite ${sqliteVersion}, ${counted(threads, 'thread')}`;
    yield { name: 'addon', status: 'ok', detail };
  } catch (thrown) {
    const {
      message,
      code,
      remedy = 'install or build it again: npm start at the root of the repository',
    } = tell(thrown);
    yield { name: 'addon', status: 'fail', detail: `${message} (${code})`, remedy };
    yield checkTerminal(context);
    return;
  }

  const dbPath = context.dbPath ?? info.defaultDbPath;
  yield await checkFolder(dbPath);
  let stats: ArchiveStats | undefined;
  if (existsSync(dbPath)) {
    try {
      const client = await openOrCreate(dbPath);
      yield* checkDatabase(client);
      stats = await client.stats();
      yield checkBrokenLines(client, stats);
      client.close();
    } catch (thrown) {
      yield failed('database', thrown);
    }
  } else {
    const remedy = `${context.program} index`;
    yield { name: 'database', status: 'warn', detail: `there is none at ${dbPath} yet`, remedy };
  }

  const found: TranscriptCount[] = [];
  for (const configDir of context.configDirs ?? [info.defaultConfigDir]) {
    const counted = await countTranscripts(configDir);
    found.push(counted);
    yield checkTranscripts(configDir, counted);
  }
  if (stats !== undefined) {
    yield checkFreshness(stats, found, context);
  }
  yield checkTerminal(context);
}

function checkNode(): Check {
  const major = Number.parseInt(process.versions.node, 10);
  const detail = `${process.versions.node} on ${process.platform} ${process.arch}`;
  return major >= 20
    ? { name: 'node', status: 'ok', detail }
    : { name: 'node', status: 'fail', detail, remedy: 'install Node 20 or newer' };
}

/** The folder of the database, or the nearest one above it that exists: the rest is made when it is needed. */
async function checkFolder(dbPath: string): Promise<Check> {
  let folder = dirname(dbPath);
  while (!existsSync(folder) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  const unwritable: string[] = [];
  for (const path of existsSync(dbPath) ? [folder, dbPath] : [folder]) {
    try {
      await access(path, constants.W_OK);
    } catch {
      // The only thing asked is whether it may be written; the answer is no.
      unwritable.push(path);
    }
  }
  return unwritable.length === 0
    ? { name: 'data folder', status: 'ok', detail: `${folder} can be written` }
    : {
        name: 'data folder',
        status: 'fail',
        detail: `cannot be written: ${unwritable.join(', ')}`,
        remedy: 'give your user the right to write there, or name another file with --db or HAN_DATA_DIR',
      };
}

async function* checkDatabase(client: HanClient): AsyncGenerator<Check, void, undefined> {
  const { ok, schemaVersion, problems } = await client.check();
  const detail = `${client.dbPath}, schema ${schemaVersion}`;
  yield ok
    ? { name: 'database', status: 'ok', detail: `${detail}, undamaged` }
    : {
        name: 'database',
        status: 'fail',
        detail: [detail, ...problems].join('\n'),
        remedy: 'move the file away and index again; transcripts that still exist give the same rows',
      };
}

/** Broken lines that are named. */
const shownBrokenLines = 5;

function checkBrokenLines(client: HanClient, stats: ArchiveStats): Check {
  if (stats.brokenLines === 0) {
    return { name: 'lines', status: 'ok', detail: `${count(stats.messages)} rows, no broken line` };
  }
  const lines = client.indexer
    .brokenLines(shownBrokenLines)
    .map(({ filePath, lineNumber, reason }) => `${oneLine(filePath)}, line ${lineNumber + 1}: ${reason}`);
  if (stats.brokenLines > shownBrokenLines) {
    lines.push('…');
  }
  return {
    name: 'lines',
    status: 'warn',
    detail: [`${counted(stats.brokenLines, 'broken line')}; everything around was indexed`, ...lines].join(
      '\n',
    ),
  };
}

function checkTranscripts(configDir: string, found: TranscriptCount): Check {
  const name = 'transcripts';
  if (found.unreadable.length > 0) {
    return {
      name,
      status: 'fail',
      detail: [`${configDir}: not everything can be read`, ...found.unreadable.slice(0, 5)].join('\n'),
      remedy: 'give your user the right to read these',
    };
  }
  if (found.files === 0) {
    const what = found.hasProjects ? 'holds no transcripts' : 'has no folder "projects"';
    const remedy = 'name the folder with --config-dir or CLAUDE_CONFIG_DIR';
    return { name, status: 'warn', detail: `${configDir} ${what}`, remedy };
  }
  return {
    name,
    status: 'ok',
    detail: `${configDir}: ${counted(found.files, 'file')}, ${bytes(found.bytes)}`,
  };
}

/** Files on disk that the database does not know. */
function checkFreshness(stats: ArchiveStats, found: TranscriptCount[], context: Context): Check {
  const onDisk = found.reduce((sum, { files }) => sum + files, 0);
  const known = stats.files - stats.missingFiles;
  const gone =
    stats.missingFiles > 0 ? `; ${counted(stats.missingFiles, 'file')} gone, their sessions kept` : '';
  const detail = `${counted(known, 'file')} in the database, ${count(onDisk)} on disk${gone}`;
  return onDisk <= known
    ? { name: 'indexed', status: 'ok', detail }
    : { name: 'indexed', status: 'warn', detail, remedy: `${context.program} index` };
}

function checkTerminal({ isTerminal, cells, colorChoice }: Context): Check {
  const size = isTerminal ? `${cells} columns` : 'not a terminal';
  const color = `${colorChoice.enabled ? 'colour' : 'no colour'} (${colorChoice.reason})`;
  return { name: 'terminal', status: 'ok', detail: `${size}, ${color}` };
}

function failed(name: string, thrown: unknown): Check {
  const { message, code, remedy } = tell(thrown);
  return {
    name,
    status: 'fail',
    detail: `${message} (${code})`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}
