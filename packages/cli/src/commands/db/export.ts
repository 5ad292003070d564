/** `han db export`: all rows as lines of JSON. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { DatabaseExportChunk } from '@han/client';
import type { Command } from 'commander';
import { openExisting } from '../../archive.js';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { CommandFailure, tell } from '../../failures.js';
import { interruptible } from '../../interrupt.js';
import type { Runner } from '../../main.js';
import { collect } from '../../options.js';
import { writeJson } from '../../output/json.js';
import { bytes, count, counted } from '../../output/units.js';
import { startWorkProgress } from '../../output/work-progress.js';

interface Options {
  table?: string[];
  output?: string;
  force?: boolean;
}

/** What was exported. */
interface Exported {
  rows: number;
  bytes: number;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('write all rows as lines of JSON')
    .description(
      'Write all rows, of one state of the database, as lines of JSON: {"table":…,"row":{…}}. Whole numbers have all their digits; bytes are {"base64":…}. The bytes of the transcripts themselves come back with `han db restore-transcripts`.',
    )
    .option('--table <name>', 'only this table; may be repeated', collect)
    .option('--output <file>', 'write to a file, which appears when it is whole; default: standard output')
    .option('--force', 'write over the file when it exists')
    .addHelpText(
      'after',
      `
Examples:
  $ han db export --output all.jsonl
  $ han db export --table sessions | jq -r '.row | [.id, .title] | @tsv'
  $ han db export --table messages | gzip > messages.jsonl.gz`,
    )
    .action(runner(run));
}

async function run(context: Context, { table, output, force }: Options): Promise<ExitCode> {
  const client = await openExisting(context);
  const display = await startWorkProgress(
    // A bar would stand between the lines on a terminal.
    output === undefined && context.isTerminal ? 'none' : context.progress,
    context.progressStream,
    context.progressStream.columns || 80,
  );
  const begun = performance.now();
  const progress = (exported: Exported, name: string) =>
    display.update({
      what: `exporting ${name}, ${count(exported.rows)} rows, ${bytes(exported.bytes)}`,
      share: undefined,
      amount: '',
      elapsedMs: performance.now() - begun,
    });
  try {
    const { value, exit } = await interruptible(async (signal) => {
      const chunks = client.maintenance.export({ ...(table === undefined ? {} : { tables: table }), signal });
      try {
        const take = (sink: (chunk: Uint8Array) => Promise<unknown>) => writeChunks(chunks, sink, progress);
        return output === undefined
          ? await take((chunk) => context.out.write(new TextDecoder().decode(chunk)))
          : await toFile(resolve(output), force ?? false, take);
      } catch (thrown) {
        if (signal.aborted && tell(thrown).code === 'CANCELLED') {
          return undefined;
        }
        throw thrown;
      }
    });
    display.stop();
    if (value === undefined || exit !== undefined) {
      const kept = output === undefined ? 'what was written is not all' : 'no file was made';
      throw new CommandFailure(exit ?? exitCode.interrupted, 'CANCELLED', `interrupted; ${kept}`);
    }
    if (output !== undefined) {
      await tellFile(context, resolve(output), value);
    }
    return exitCode.ok;
  } finally {
    display.stop();
    client.close();
  }
}

async function tellFile(context: Context, path: string, exported: Exported): Promise<void> {
  if (context.json) {
    await writeJson(context.out, { path, ...exported });
  } else {
    await context.out.line(`Exported ${counted(exported.rows, 'row')}, ${bytes(exported.bytes)}.`);
    await context.out.line(`File: ${path}`);
  }
}

async function writeChunks(
  chunks: AsyncIterable<DatabaseExportChunk>,
  sink: (chunk: Uint8Array) => Promise<unknown>,
  progress: (exported: Exported, table: string) => void,
): Promise<Exported> {
  const exported = { rows: 0, bytes: 0 };
  for await (const chunk of chunks) {
    await sink(chunk.bytes);
    exported.rows = chunk.rows;
    exported.bytes += chunk.bytes.length;
    progress(exported, chunk.table);
  }
  return exported;
}

/** Writes a file under another name beside its place, and moves it there when it is whole. */
async function toFile(
  path: string,
  force: boolean,
  write: (sink: (chunk: Uint8Array) => Promise<unknown>) => Promise<Exported>,
): Promise<Exported> {
  const exists = () =>
    new CommandFailure(
      exitCode.failure,
      'FILE_EXISTS',
      `there is a file at ${path}`,
      'name another, or use --force',
    );
  if (!force && existsSync(path)) {
    throw exists();
  }
  const temporary = join(dirname(path), `.han-${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    let exported: Exported;
    try {
      exported = await write((chunk) => file.writeFile(chunk));
      await file.sync();
    } finally {
      await file.close();
    }
    if (force) {
      await rename(temporary, path);
    } else {
      // Fails when a file has appeared there meanwhile.
      await link(temporary, path);
    }
    return exported;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') {
      throw exists();
    }
    throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}
