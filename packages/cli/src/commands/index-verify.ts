/** `han index --verify`: are the files what was indexed of them. */
import type { VerifiedFile } from '@han/client';
import { openExisting } from '../archive.js';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { writeJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import { startProgress } from '../output/progress.js';
import { bytes, count, counted } from '../output/units.js';

/** Problems of a file that are printed. */
const shownProblems = 5;

/** Compares the database with its files, and reads anew those that differ where that is asked for. */
export async function verifyIndex(context: Context, paths: string[], repair: boolean): Promise<ExitCode> {
  const client = await openExisting(context);
  const display = await startProgress(
    context.progress,
    context.progressStream,
    context.progressStream.columns || 80,
  );
  const { value: report, exit } = await interruptible((signal) =>
    client.indexer.verify({
      signal,
      repair,
      onProgress: (progress) => display.update(progress),
      ...(paths.length === 0 ? {} : { paths }),
    }),
  ).finally(() => {
    display.stop();
    client.close();
  });

  const { files, filesDifferent, filesMissing, filesRepaired } = report;
  if (context.json) {
    await writeJson(context.out, report);
  } else {
    for (const file of files.filter(({ problems }) => problems.length > 0)) {
      await writeFile(context, file);
    }
    const compared = `${counted(files.length, 'file')} (${bytes(report.bytesCompared)}) compared`;
    const gone = filesMissing > 0 ? `, ${count(filesMissing)} of them gone` : '';
    await context.out.line(
      `${compared}${gone}: ${filesDifferent === 0 ? 'all is as it was indexed' : `${count(filesDifferent)} differ`}.`,
    );
    if (filesRepaired > 0) {
      await context.out.line(`${counted(filesRepaired, 'file')} read anew.`);
    } else if (filesDifferent > 0) {
      await context.out.line(`To read them anew: ${context.program} index --verify --repair`);
    }
  }
  if (report.status === 'partial') {
    return exit ?? exitCode.interrupted;
  }
  return filesDifferent > filesRepaired ? exitCode.failure : exitCode.ok;
}

async function writeFile({ out, colors }: Context, { filePath, problems }: VerifiedFile): Promise<void> {
  await out.line(colors.red(printable(filePath)));
  for (const problem of problems.slice(0, shownProblems)) {
    await out.line(`  ${printable(problem)}`);
  }
  if (problems.length > shownProblems) {
    await out.line(`  and ${count(problems.length - shownProblems)} more`);
  }
}
