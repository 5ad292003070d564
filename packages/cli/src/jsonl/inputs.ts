/** What the commands of `han jsonl` read: files, or the standard input. */
import type { JsonlFilter, JsonlLine } from '@han/client';
import { loadClient } from '../archive.js';
import { usageFailure } from '../failures.js';

/** One thing to read. */
export interface Input {
  /** The file as it was typed; `undefined` for the standard input. */
  filePath: string | undefined;
  /** What it is called in messages. */
  name: string;
}

/** The functions of the client for files of JSON lines. They need no database. */
export async function loadJsonl() {
  const { HanClient } = await loadClient();
  return HanClient.jsonl;
}

/**
 * The inputs of a command line: `-`, and no argument at all, stand for the standard input.
 *
 * @throws CommandFailure `USAGE` when `-` is named more than once.
 */
export function readInputs(files: string[]): Input[] {
  const inputs = (files.length === 0 ? ['-'] : files).map(readInput);
  if (inputs.filter(({ filePath }) => filePath === undefined).length > 1) {
    throw usageFailure(
      '- is named more than once',
      'the standard input can be read once; ./- is a file of that name',
    );
  }
  return inputs;
}

/** One input; see {@link readInputs}. */
export function readInput(file = '-'): Input {
  return file === '-' ? { filePath: undefined, name: 'standard input' } : { filePath: file, name: file };
}

/** Which lines of an input are wanted. */
export interface LinesWanted {
  filters?: JsonlFilter[];
  signal?: AbortSignal;
}

/** The lines of an input, one after the other; blank ones are left out. Leaving the loop ends the reading. */
export async function linesOf({ filePath }: Input, wanted: LinesWanted): Promise<AsyncIterable<JsonlLine>> {
  const jsonl = await loadJsonl();
  return filePath === undefined ? jsonl.stdinLines(wanted) : jsonl.lines(filePath, wanted);
}
