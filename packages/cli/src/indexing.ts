/** Indexing with progress and Ctrl-C, and what is told about it afterwards. */
import type { HanClient, IndexProgress, IndexReport, IndexRun, IndexRunOptions } from '@han/client';
import { openOrCreate } from './archive.js';
import type { Context } from './context.js';
import type { ExitCode } from './exit-codes.js';
import { interruptible } from './interrupt.js';
import { printable } from './output/printable.js';
import { startProgress } from './output/progress.js';
import { bytes, count, counted, duration, rate } from './output/units.js';

/** Starts one run of the indexer. */
export type Start = (client: HanClient, options: IndexRunOptions) => IndexRun;

/** How indexing ended. */
export interface Indexed {
  /** The database, still open. */
  client: HanClient;
  /** Everything that was done, over all runs. */
  report: IndexReport;
  /** The last progress of the run that was interrupted. */
  progress: IndexProgress | undefined;
  /** The exit code that a signal asks for; `undefined` when there was none. */
  exit: ExitCode | undefined;
}

/** Opens the database and runs the indexer once for each of `starts`, one after the other, until it is interrupted. */
export async function indexWithProgress(context: Context, dbPath: string, starts: Start[]): Promise<Indexed> {
  const cells = context.progressStream.columns || 80;
  const display = await startProgress(context.progress, context.progressStream, cells);
  let progress: IndexProgress | undefined;
  const onProgress = (newest: IndexProgress) => {
    progress = newest;
    display.update(newest);
  };
  try {
    const { value, exit } = await interruptible(async (signal) => {
      const client = await openOrCreate(dbPath);
      const reports: IndexReport[] = [];
      for (const start of starts) {
        if (signal.aborted) {
          break;
        }
        reports.push(await start(client, { signal, onProgress }));
      }
      return { client, reports };
    });
    return { client: value.client, report: total(value.reports, starts.length), progress, exit };
  } finally {
    display.stop();
  }
}

/** Sums several reports; partial when one is, or when one is missing. */
function total(reports: IndexReport[], expected: number): IndexReport {
  const sum = (field: (report: IndexReport) => number) =>
    reports.reduce((value, report) => value + field(report), 0);
  const complete = reports.length === expected && reports.every(({ status }) => status === 'complete');
  return {
    status: complete ? 'complete' : 'partial',
    results: reports.flatMap(({ results }) => results),
    filesSeen: sum((report) => report.filesSeen),
    filesIndexed: sum((report) => report.filesIndexed),
    filesUnchanged: sum((report) => report.filesUnchanged),
    filesFailed: sum((report) => report.filesFailed),
    bytesRead: sum((report) => report.bytesRead),
    sessions: sum((report) => report.sessions),
    messagesIndexed: sum((report) => report.messagesIndexed),
    brokenLines: sum((report) => report.brokenLines),
    durationMs: sum((report) => report.durationMs),
    counters: {
      bytesRead: sum(({ counters }) => counters.bytesRead),
      linesRead: sum(({ counters }) => counters.linesRead),
      rowsWritten: sum(({ counters }) => counters.rowsWritten),
      bytesWritten: sum(({ counters }) => counters.bytesWritten),
      statements: sum(({ counters }) => counters.statements),
      transactions: sum(({ counters }) => counters.transactions),
    },
  };
}

/** What was indexed, in one or two lines. */
export function reportLines({ report }: Indexed): string[] {
  if (report.filesSeen === 0) {
    return ['No transcripts were found.'];
  }
  const unchanged =
    report.filesUnchanged > 0 ? `; ${counted(report.filesUnchanged, 'file')} had nothing new` : '';
  if (report.filesIndexed === 0) {
    return [`Nothing to index in ${duration(report.durationMs)}${unchanged}.`];
  }
  const speed = rate(report.bytesRead, report.durationMs);
  const lines = [
    `Indexed ${counted(report.filesIndexed, 'file')} (${bytes(report.bytesRead)}) in ${duration(report.durationMs)}${speed && `, ${speed}`}${unchanged}.`,
    `${counted(report.sessions, 'session')} and ${counted(report.messagesIndexed, 'message')} were added or changed.`,
  ];
  if (report.brokenLines > 0) {
    const were = report.brokenLines === 1 ? 'line was' : 'lines were';
    lines.push(
      `${count(report.brokenLines)} broken ${were} left out or mended; everything around was indexed.`,
    );
  }
  return lines;
}

/** Files named in the warning about those that failed. */
const shownFailures = 5;

/** What went wrong: files that could not be read, and an interruption. */
export function warningLines({ report, progress, exit }: Indexed): string[] {
  const lines: string[] = [];
  if (report.filesFailed > 0) {
    const failed = report.results.filter(({ error }) => error !== undefined);
    lines.push(`${counted(report.filesFailed, 'file')} could not be indexed:`);
    lines.push(
      ...failed
        .slice(0, shownFailures)
        .map(({ filePath, error = '' }) => `  ${filePath}: ${printable(error)}`),
    );
    if (report.filesFailed > shownFailures) {
      lines.push(`  and ${count(report.filesFailed - shownFailures)} more`);
    }
  }
  if (exit !== undefined) {
    const done = progress
      ? `${count(progress.filesDone)} of ${counted(progress.filesTotal, 'file')}`
      : 'no file';
    lines.push(
      `Interrupted: ${done} finished. What was indexed is kept; the same command goes on from there.`,
    );
  }
  return lines;
}
