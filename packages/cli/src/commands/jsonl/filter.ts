/** `han jsonl filter`: the lines that fulfil conditions. */
import type { JsonlFilter } from '@han/client';
import { type Command, Option } from 'commander';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { interruptible } from '../../interrupt.js';
import { type ConditionOptions, readConditions } from '../../jsonl/conditions.js';
import { eachInput, type InputRun } from '../../jsonl/each-input.js';
import { explainFilterFailure, isFilterFailure } from '../../jsonl/filter-failure.js';
import { type Input, linesOf, loadJsonl, readInputs } from '../../jsonl/inputs.js';
import type { Runner } from '../../main.js';
import { collect, sinceOption, untilOption, wholeNumber } from '../../options.js';
import { countLines, totalOf } from '../../output/counts.js';
import { writeFailure } from '../../output/failure.js';
import { writeJson } from '../../output/json.js';
import { type PlacedLine, writeLines } from '../../output/jsonl-lines.js';

interface Options extends ConditionOptions {
  limit?: number;
  count?: boolean;
  lineNumbers?: boolean;
  withFilename?: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('print the lines that fulfil conditions')
    .description(
      'Print the lines that fulfil all conditions, as soon as they are found. Lines that are not JSON fulfil none.',
    )
    .argument('[files...]', 'files; "-" or none: the standard input')
    .option('-w, --where <condition>', 'a condition, see below; may be repeated', collect)
    .option('--any', 'one --where is enough')
    .option('--filters <json>', 'conditions as JSON, see below')
    .option('-v, --invert', 'the lines that do not fulfil --where and --filters')
    .addOption(sinceOption())
    .addOption(untilOption())
    .option('--time-field <path>', 'the field that --since and --until look at', 'timestamp')
    .option('--limit <n>', 'stop after so many lines', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .addOption(new Option('-c, --count', 'print only how many lines they are').conflicts('limit'))
    .option('-n, --line-numbers', 'put the number of each line in front, counted from 0')
    .option('-H, --with-filename', 'put the file of each line in front')
    .addHelpText(
      'after',
      `
Conditions are a path, an operator, and a value that is taken as it stands up to the end. Quote them for the shell.
  type=user                             equal; == is the same
  type!=user                            there and not equal
  message.usage.output_tokens>=1000     also < <= >; numbers and times are compared as such
  message.model^=claude                 begins so
  message.content*=deadlock             contains
  message.model~=opus|sonnet            matches a regular expression
  message.content[0].type=tool_use      the first of a list
  toolUseResult                         is there
  !toolUseResult                        "!" in front of any condition: does not hold
A backslash in a path takes the meaning of what follows away: 'a\\.b=1' is the field "a.b".

--filters takes the form of the library, one condition or a list that must hold as a whole:
  {"fieldPath":"type","operator":"in","values":["user","assistant"]}
  {"any":[...]}  {"all":[...]}  {"not":{...}}
  operators: eq ne gt gte lt lte contains startsWith regex in exists

Examples:
  $ han jsonl filter session.jsonl --where type=assistant --where 'message.usage.output_tokens>1000'
  $ han jsonl filter *.jsonl --where type=user --since yesterday --count
  $ han jsonl filter log.jsonl -w level=error -w level=fatal --any --time-field time --since 2h | jq .message
  $ zcat old.jsonl.gz | han jsonl filter -w '!isMeta' --limit 5

Ends with exit code 3 when no line is found.`,
    )
    .action(runner(run));
}

async function run(context: Context, files: string[], options: Options): Promise<ExitCode> {
  const inputs = readInputs(files);
  const { filters, typed } = readConditions(options);
  try {
    return options.count
      ? await printCounts(context, inputs, filters)
      : await printMatches(context, inputs, filters, options);
  } catch (thrown) {
    throw explainFilterFailure(thrown, typed, context.program);
  }
}

async function printMatches(
  context: Context,
  inputs: Input[],
  filters: JsonlFilter[],
  options: Options,
): Promise<ExitCode> {
  const matches = new Matches(context, inputs, filters, options.limit);
  const { exit } = await interruptible((signal) =>
    writeLines(context, matches.read(signal), options, () => ({
      status: signal.aborted ? 'partial' : matches.isLimited ? 'limited' : 'complete',
      matchedCount: matches.count,
    })),
  );
  return exit ?? (matches.hasFailed ? exitCode.failure : foundOrNot(matches.count));
}

/** The matching lines of all inputs, one input after the other. */
class Matches {
  /** Lines that were found so far. */
  count = 0;
  /** Whether the reading stopped at the limit. */
  isLimited = false;
  /** Whether one of several inputs could not be read. */
  hasFailed = false;

  constructor(
    private readonly context: Context,
    private readonly inputs: Input[],
    private readonly filters: JsonlFilter[],
    private readonly limit = Number.POSITIVE_INFINITY,
  ) {}

  async *read(signal: AbortSignal): AsyncGenerator<PlacedLine, void, undefined> {
    for (const input of this.inputs) {
      const { filePath } = input;
      try {
        for await (const line of await linesOf(input, { filters: this.filters, signal })) {
          this.count += 1;
          this.isLimited = this.count === this.limit;
          yield filePath === undefined ? line : { filePath, ...line };
          if (this.isLimited) {
            return;
          }
        }
      } catch (thrown) {
        if (signal.aborted) {
          return;
        }
        // A condition that is refused is refused everywhere.
        if (this.inputs.length === 1 || isFilterFailure(thrown)) {
          throw thrown;
        }
        this.hasFailed = true;
        await writeFailure(this.context, thrown);
      }
    }
  }
}

async function printCounts(context: Context, inputs: Input[], filters: JsonlFilter[]): Promise<ExitCode> {
  const jsonl = await loadJsonl();
  const countOne = async ({ filePath, name }: Input, run: InputRun) => {
    if (filePath === undefined) {
      return { filePath, name, count: await countOf(jsonl.stdinLines({ filters, signal: run.signal })) };
    }
    const { matchedCount, scannedCount } = await jsonl.filter(filePath, filters, { ...run, limit: 0 });
    return { filePath, name, count: matchedCount, scannedCount };
  };
  const { answers, status, exit } = await eachInput(context, inputs, countOne, {
    concernsAll: isFilterFailure,
  });
  const matchedCount = totalOf(answers);
  if (context.json) {
    const files = answers.map(({ filePath, count, scannedCount }) => ({
      filePath,
      matchedCount: count,
      scannedCount,
    }));
    await writeJson(context.out, { status, files, matchedCount });
  } else {
    for (const line of countLines(answers, inputs.length)) {
      await context.out.line(line);
    }
  }
  return exit ?? foundOrNot(matchedCount);
}

async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) {
    count += 1;
  }
  return count;
}

function foundOrNot(count: number): ExitCode {
  return count === 0 ? exitCode.nothingFound : exitCode.ok;
}
