/** `han jsonl index`: make pages of large files quick to find, also for later processes. */
import type { JsonlIndexReport } from '@han/client';
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { usageFailure } from '../../failures.js';
import { eachInput } from '../../jsonl/each-input.js';
import { loadJsonl, readInputs } from '../../jsonl/inputs.js';
import type { Runner } from '../../main.js';
import { writeJson } from '../../output/json.js';
import { printable } from '../../output/printable.js';
import { bytes, counted } from '../../output/units.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('make or extend the offset index of files')
    .description(
      'Make or extend the offset index of files: a small file with which every later page is found at once. Nothing needs it: without one, a page reads the file once to find its lines. It is checked before every use, so a file may change at any time.',
    )
    .argument('<files...>', 'files')
    .addHelpText(
      'after',
      `
Examples:
  $ han jsonl index archive.jsonl
  $ han jsonl index --json *.jsonl | jq '.files[] | select(.change != "unchanged")'

Can be interrupted and repeated at any time: an index is there as a whole or not at all.`,
    )
    .action(runner(run));
}

async function run(context: Context, files: string[]): Promise<ExitCode> {
  const inputs = readInputs(files);
  const jsonl = await loadJsonl();
  const { answers, status, exit } = await eachInput(context, inputs, async ({ filePath }, options) => {
    if (filePath === undefined) {
      throw usageFailure('the standard input cannot be indexed', 'name a file; ./- is a file of the name -');
    }
    return { filePath, ...(await jsonl.updateIndex(filePath, options)) };
  });
  if (context.json) {
    await writeJson(context.out, { status, files: answers });
  } else {
    for (const answer of answers) {
      await context.out.line(reportLine(answer));
    }
  }
  return exit ?? exitCode.ok;
}

const verbs = { built: 'Built', extended: 'Extended', unchanged: 'Unchanged' } as const;

function reportLine({
  filePath,
  change,
  indexPath,
  lineCount,
  indexBytes,
  fileSize,
  bytesRead,
}: Report): string {
  const size = `${counted(lineCount, 'line')} in ${bytes(fileSize)}`;
  const read = change === 'extended' ? `, ${bytes(bytesRead)} read` : '';
  return `${printable(filePath)}: ${verbs[change]} ${printable(indexPath)} (${bytes(indexBytes)}); ${size}${read}.`;
}

type Report = JsonlIndexReport & { filePath: string };
