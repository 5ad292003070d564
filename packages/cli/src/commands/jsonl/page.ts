/** `han jsonl page`: lines from somewhere in a file. */
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { type Input, loadJsonl, readInput } from '../../jsonl/inputs.js';
import type { Runner } from '../../main.js';
import { wholeNumber } from '../../options.js';
import { type PlacedLine, writeLines } from '../../output/jsonl-lines.js';
import { count, counted } from '../../output/units.js';

interface Options {
  offset: number;
  limit: number;
  lineNumbers?: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('print lines from somewhere in a file')
    .description(
      'Print the lines from one line number on. Blank lines are passed over. Any place of a large file is found at once when it has an index (han jsonl index).',
    )
    .argument('<file>', 'the file; "-": the standard input')
    .option('--offset <n>', 'line to begin with, counted from 0', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .option('--limit <n>', 'print so many lines', wholeNumber(1, Number.MAX_SAFE_INTEGER), 100)
    .option('--line-numbers', 'put the number of each line in front, as --offset takes it')
    .addHelpText(
      'after',
      `
Examples:
  $ han jsonl page session.jsonl
  $ han jsonl page session.jsonl --offset 100 --line-numbers
  $ han jsonl page session.jsonl --json --limit 20 | jq .nextOffset
  $ zcat old.jsonl.gz | han jsonl page - --offset 5000 --limit 1

Ends with exit code 3 when there is no line.`,
    )
    .action(runner(run));
}

async function run(context: Context, file: string, options: Options): Promise<ExitCode> {
  const page = new Page(readInput(file), options);
  await writeLines(context, page.read(), options, () => ({
    totalLines: page.totalLines,
    hasMore: page.hasMore,
    nextOffset: page.nextOffset,
  }));
  if (context.isTerminal && !context.json) {
    await context.err.line(footer(page));
  }
  return page.shown === 0 ? exitCode.nothingFound : exitCode.ok;
}

/** What stands below a page on a terminal. */
export function footer({ shown, totalLines, hasMore, nextOffset }: PageFacts): string {
  if (shown === 0) {
    return totalLines === undefined ? 'No line there.' : `No line there of ${counted(totalLines, 'line')}.`;
  }
  const what = `${counted(shown, 'line')}${totalLines === undefined ? '' : ` of ${count(totalLines)}`}`;
  return hasMore ? `${what}, more with --offset ${nextOffset}.` : `${what}; this is the end.`;
}

/** What is known about a page when its lines were read. */
export interface PageFacts {
  /** Lines that were printed. */
  shown: number;
  /** All lines, blank ones included; `undefined` for the standard input, which is not read to its end. */
  totalLines: number | undefined;
  /** Whether lines follow; of the standard input, whether reading stopped at the limit. */
  hasMore: boolean;
  /** Where the next page begins. */
  nextOffset: number;
}

/** Lines that are asked for at once. */
const fetched = 1000;

/** A page that is read while it is printed. */
class Page implements PageFacts {
  shown = 0;
  totalLines: number | undefined;
  hasMore = false;
  nextOffset: number;

  constructor(
    private readonly input: Input,
    private readonly options: Options,
  ) {
    this.nextOffset = options.offset;
  }

  read(): AsyncGenerator<PlacedLine, void, undefined> {
    const { filePath } = this.input;
    return filePath === undefined ? this.readStandardInput() : this.readFile(filePath);
  }

  private async *readFile(filePath: string): AsyncGenerator<PlacedLine, void, undefined> {
    const jsonl = await loadJsonl();
    do {
      const limit = Math.min(fetched, this.options.limit - this.shown);
      const page = await jsonl.readPage(filePath, { offset: this.nextOffset, limit });
      this.totalLines = page.totalLines;
      this.hasMore = page.hasMore;
      this.nextOffset = page.nextOffset;
      for (const line of page.lines) {
        this.shown += 1;
        yield { filePath, ...line };
      }
    } while (this.hasMore && this.shown < this.options.limit);
  }

  private async *readStandardInput(): AsyncGenerator<PlacedLine, void, undefined> {
    const { offset, limit } = this.options;
    const jsonl = await loadJsonl();
    for await (const line of jsonl.stdinLines()) {
      if (line.lineNumber < offset) {
        continue;
      }
      this.shown += 1;
      this.nextOffset = line.lineNumber + 1;
      // Whether more follows is not looked at: the next line may be long in coming.
      this.hasMore = this.shown === limit;
      yield line;
      if (this.hasMore) {
        return;
      }
    }
  }
}
