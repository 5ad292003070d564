/** Lines of JSONL files, printed as they are. */
import type { JsonlLine } from '@han/client';
import type { Context } from '../context.js';
import { inBlocks } from './blocks.js';
import { writeJsonWithList } from './json.js';
import { printable } from './printable.js';
import { bytes } from './units.js';

/** A line and where it is; what `--json` shows of it. */
export interface PlacedLine extends Omit<JsonlLine, 'lineNumber'> {
  /** The file as it was typed; absent for the standard input. */
  filePath?: string;
  /** Counted from 0, blank lines included; absent where it is not known. */
  lineNumber?: number;
}

/** What stands in front of a line. */
export interface LineStyle {
  withFilename?: boolean;
  lineNumbers?: boolean;
}

/**
 * Writes lines as text, or as the list `lines` of one JSON document. When the first line cannot be read, nothing is
 * written.
 *
 * @param after - The fields of the document that are known when all lines were read.
 */
export async function writeLines(
  context: Context,
  lines: AsyncGenerator<PlacedLine, void, undefined>,
  style: LineStyle,
  after: () => Record<string, unknown>,
): Promise<void> {
  const out = inBlocks(context.out);
  try {
    if (context.json) {
      await writeJsonWithList(out, {}, 'lines', await begin(lines), after);
    } else {
      for await (const line of lines) {
        await out.line(lineText(line, style, context));
        if (line.omittedBytes) {
          await noteOmission(line, line.omittedBytes, context);
        }
      }
    }
  } finally {
    await out.flush();
  }
}

/** The same items, the first of them read already. */
async function begin<T>(items: AsyncGenerator<T, void, undefined>): Promise<AsyncIterable<T>> {
  const first = await items.next();
  return (async function* () {
    if (!first.done) {
      yield first.value;
      yield* items;
    }
  })();
}

/** One line as text: on a terminal without control characters, else as it stands in the file. */
export function lineText(line: PlacedLine, style: LineStyle, { isTerminal, colors }: Context): string {
  const name = style.withFilename ? `${nameOf(line)}:` : '';
  const number = style.lineNumbers && line.lineNumber !== undefined ? `${line.lineNumber}:` : '';
  const content = isTerminal ? printable(line.content.replace(/\r$/, '')) : line.content;
  return `${name + number === '' ? '' : colors.dim(printable(name + number))}${content}`;
}

/** Says on stderr that only the beginning of a line was printed. */
export async function noteOmission(line: PlacedLine, omitted: number, { err }: Context): Promise<void> {
  const which = line.lineNumber === undefined ? `at byte ${line.byteOffset}` : String(line.lineNumber);
  const name = printable(nameOf(line));
  await err.line(`note: line ${which} of ${name} is too long: ${bytes(omitted)} of it are left out`);
}

function nameOf({ filePath = 'standard input' }: PlacedLine): string {
  return filePath;
}
