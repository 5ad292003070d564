/** `han jsonl tail`: the last lines, and those that are still to come. */
import type { JsonlLine } from '@han/client';
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { interruptible } from '../../interrupt.js';
import { loadJsonl, readInput } from '../../jsonl/inputs.js';
import { findTail, type TailStart } from '../../jsonl/tail-start.js';
import type { Runner } from '../../main.js';
import { wholeNumber } from '../../options.js';
import { inBlocks } from '../../output/blocks.js';
import { lineText, noteOmission, type PlacedLine, writeLines } from '../../output/jsonl-lines.js';
import { printable } from '../../output/printable.js';

interface Options {
  lines: number;
  follow?: boolean;
}

/** Describes the command line. */
export function configure(command: Command, runner: Runner): void {
  command
    .summary('print the last lines, and those to come')
    .description(
      'Print the last lines in the order of the file. Blank lines are passed over. Costs what it prints, whatever the size of the file.',
    )
    .argument('[file]', 'the file; "-" or none: the standard input')
    .option('-n, --lines <n>', 'print so many lines', wholeNumber(0, Number.MAX_SAFE_INTEGER), 10)
    .option('-f, --follow', 'go on with every line that is added, until Ctrl-C')
    .addHelpText(
      'after',
      `
With --follow, a line is printed when it is complete. A file that is truncated, or replaced by another of its name, is
read from its beginning; a note on stderr says so. The standard input is read to its end before its last lines are
known, and nothing comes after that: --follow changes nothing there.

Examples:
  $ han jsonl tail session.jsonl
  $ han jsonl tail -n 1 session.jsonl | jq .message.usage
  $ han jsonl tail session.jsonl -n 0 --follow | jq -r .type
  $ zcat old.jsonl.gz | han jsonl tail -n 3

Ends with exit code 3 when there is no line.`,
    )
    .action(runner(run));
}

async function run(context: Context, file: string | undefined, options: Options): Promise<ExitCode> {
  const { filePath } = readInput(file);
  if (filePath === undefined) {
    return await printTail(context, lastOfStandardInput(options.lines));
  }
  const start = await findTail(filePath, options.lines);
  return options.follow
    ? await follow(context, filePath, start)
    : await printTail(context, lastOfFile(filePath, start));
}

/** The last lines of something that ends. */
interface Tail {
  lines: AsyncGenerator<PlacedLine, void, undefined>;
  /** Whether other lines stand before them; to be asked when the lines were read. */
  hasMore: () => boolean;
}

async function printTail(context: Context, { lines, hasMore }: Tail): Promise<ExitCode> {
  let printed = 0;
  const counted = async function* () {
    for await (const line of lines) {
      printed += 1;
      yield line;
    }
  };
  await writeLines(context, counted(), {}, () => ({ hasMore: hasMore() }));
  return printed === 0 ? exitCode.nothingFound : exitCode.ok;
}

function lastOfFile(filePath: string, { startOffset, lines: wanted, hasMore }: TailStart): Tail {
  const read = async function* (): AsyncGenerator<PlacedLine, void, undefined> {
    if (wanted === 0) {
      return;
    }
    const jsonl = await loadJsonl();
    let taken = 0;
    for await (const line of jsonl.lines(filePath, { startOffset })) {
      yield withoutNumber(filePath, line);
      taken += 1;
      // What was added meanwhile does not belong to the lines that were the last ones.
      if (taken === wanted) {
        return;
      }
    }
  };
  return { lines: read(), hasMore: () => hasMore };
}

function lastOfStandardInput(wanted: number): Tail {
  let all = 0;
  const read = async function* (): AsyncGenerator<PlacedLine, void, undefined> {
    const jsonl = await loadJsonl();
    const ring: JsonlLine[] = [];
    for await (const line of jsonl.stdinLines()) {
      if (wanted > 0) {
        ring[all % wanted] = line;
      }
      all += 1;
    }
    const oldest = wanted > 0 && all > wanted ? all % wanted : 0;
    yield* ring.slice(oldest);
    yield* ring.slice(0, oldest);
  };
  return { lines: read(), hasMore: () => all > wanted };
}

/** Numbers are known only when a file is read from its beginning. */
function withoutNumber(filePath: string, { lineNumber: _, ...line }: JsonlLine): PlacedLine {
  return { filePath, ...line };
}

/** Prints lines until a signal comes. Documents end, so with `--json` each line is an object of its own. */
async function follow(context: Context, filePath: string, { startOffset }: TailStart): Promise<ExitCode> {
  const jsonl = await loadJsonl();
  const out = inBlocks(context.out);
  const { exit } = await interruptible(async (signal) => {
    const batches = jsonl.batches(filePath, { startOffset, follow: true, signal });
    for await (const { lines, restarted } of untilAborted(batches, signal)) {
      if (restarted) {
        await noteRestart(context, filePath);
      }
      for (const line of lines) {
        const placed = withoutNumber(filePath, line);
        await out.line(context.json ? JSON.stringify(placed) : lineText(placed, {}, context));
        if (line.omittedBytes && !context.json) {
          await noteOmission(placed, line.omittedBytes, context);
        }
      }
      await out.flush();
    }
  });
  return exit ?? exitCode.ok;
}

/** The same items; where reading them was aborted, they end. */
async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal) {
  try {
    yield* items;
  } catch (thrown) {
    if (!signal.aborted) {
      throw thrown;
    }
  }
}

async function noteRestart(context: Context, filePath: string): Promise<void> {
  await context.err.line(
    context.json
      ? JSON.stringify({ restarted: { filePath } })
      : `note: ${printable(filePath)} was truncated or replaced; it is read from its beginning`,
  );
}
