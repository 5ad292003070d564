/** `han jsonl count`: how many lines there are. */
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { eachInput, type InputRun } from '../../jsonl/each-input.js';
import { type Input, loadJsonl, readInputs } from '../../jsonl/inputs.js';
import type { Runner } from '../../main.js';
import { countLines, totalOf } from '../../output/counts.js';
import { writeJson } from '../../output/json.js';

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('count lines')
    .description(
      'Count the lines of files or of the standard input, blank ones and an unfinished last one included.',
    )
    .argument('[files...]', 'files; "-" or none: the standard input')
    .addHelpText(
      'after',
      `
Examples:
  $ han jsonl count session.jsonl
  $ han jsonl count *.jsonl
  $ zcat old.jsonl.gz | han jsonl count`,
    )
    .action(runner(run));
}

async function run(context: Context, files: string[]): Promise<ExitCode> {
  const inputs = readInputs(files);
  const jsonl = await loadJsonl();
  const countOne = async ({ filePath, name }: Input, options: InputRun) => {
    const count =
      filePath === undefined ? await jsonl.countStdinLines() : await jsonl.countLines(filePath, options);
    return { filePath, name, count };
  };
  const { answers, status, exit } = await eachInput(context, inputs, countOne, {
    // The count of a pipe ends with it, or with the process.
    heedsSignal: inputs.every(({ filePath }) => filePath !== undefined),
  });
  if (context.json) {
    const counted = answers.map(({ filePath, count }) => ({ filePath, lineCount: count }));
    await writeJson(context.out, { status, files: counted, lineCount: totalOf(answers) });
  } else {
    for (const line of countLines(answers, inputs.length)) {
      await context.out.line(line);
    }
  }
  return exit ?? exitCode.ok;
}
