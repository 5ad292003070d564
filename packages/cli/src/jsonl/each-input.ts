/** Work that is done for one input after the other, with progress and Ctrl-C. */
import { stat } from 'node:fs/promises';
import type { JsonlProgress } from '@han/client';
import type { Context } from '../context.js';
import { type ExitCode, exitCode } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { writeFailure } from '../output/failure.js';
import { startProgress } from '../output/progress.js';
import { counted } from '../output/units.js';
import type { Input } from './inputs.js';

/** What the work on an input is given. */
export interface InputRun {
  /** Aborted by Ctrl-C. What the work returns or throws after that does not count. */
  signal: AbortSignal;
  /** How far this input is read. */
  onProgress: (progress: JsonlProgress) => void;
}

/** How the inputs are gone through. */
export interface EachInputOptions {
  /** Whether a failure is one of all inputs, which is thrown too; none is when not given. */
  concernsAll?: (thrown: unknown) => boolean;
  /** Whether the work ends at its signal. Else Ctrl-C ends the process, as that of any program; `true` when not given. */
  heedsSignal?: boolean;
}

/** What became of the inputs. */
export interface Outcome<T> {
  /** What was found out about each input, without those that failed or were not reached. */
  answers: T[];
  /** `partial` when it was interrupted. */
  status: 'complete' | 'partial';
  /** The exit code that a signal or a failure asks for; `undefined` when all went well. */
  exit: ExitCode | undefined;
}

/**
 * Does work for each input. Where there are several, one that fails is told on stderr and the others are done all the
 * same; a single one that fails is thrown.
 */
export async function eachInput<T>(
  context: Context,
  inputs: Input[],
  work: (input: Input, run: InputRun) => Promise<T>,
  { concernsAll = () => false, heedsSignal = true }: EachInputOptions = {},
): Promise<Outcome<T>> {
  const answers: T[] = [];
  const failures: unknown[] = [];
  const progress = await startInputProgress(context, inputs);
  const run = heedsSignal ? interruptible : uninterrupted;
  const { exit } = await run(async (signal) => {
    for (const input of inputs) {
      try {
        const answer = await work(input, { signal, onProgress: progress.onProgress });
        signal.throwIfAborted();
        answers.push(answer);
      } catch (thrown) {
        if (signal.aborted) {
          break;
        }
        if (inputs.length === 1 || concernsAll(thrown)) {
          throw thrown;
        }
        failures.push(thrown);
      }
      progress.nextInput();
    }
  }).finally(progress.stop);
  // Not before: the bar is on the same stream.
  for (const failure of failures) {
    await writeFailure(context, failure);
  }
  if (exit !== undefined && !context.json) {
    await context.err.line(`Interrupted: ${answers.length} of ${counted(inputs.length, 'file')} done.`);
  }
  return {
    answers,
    status: exit === undefined ? 'complete' : 'partial',
    exit: exit ?? (failures.length > 0 ? exitCode.failure : undefined),
  };
}

/** As `interruptible`, the signals left as they are. */
async function uninterrupted<T>(work: (signal: AbortSignal) => Promise<T>) {
  return { value: await work(new AbortController().signal), exit: undefined };
}

/** Shows how far the inputs are read, all of them taken together. Nothing is shown for the standard input. */
async function startInputProgress(context: Context, inputs: Input[]) {
  const sizes = await Promise.all(inputs.map(sizeOf));
  const isKnown = !sizes.includes(undefined);
  const cells = context.progressStream.columns || 80;
  const display = await startProgress(isKnown ? context.progress : 'none', context.progressStream, cells);
  const bytesTotal = sizes.reduce<number>((sum, size = 0) => sum + size, 0);
  const started = performance.now();
  let bytesBefore = 0;
  let filesDone = 0;
  return {
    onProgress({ bytesDone, lines }: JsonlProgress) {
      const elapsedMs = performance.now() - started;
      const bytes = bytesBefore + bytesDone;
      display.update({
        phase: 'index',
        filesTotal: inputs.length,
        filesDone,
        bytesTotal,
        bytesDone: bytes,
        messages: lines,
        elapsedMs,
        bytesPerSecond: elapsedMs > 0 ? (bytes * 1000) / elapsedMs : 0,
      });
    },
    nextInput() {
      bytesBefore += sizes[filesDone] ?? 0;
      filesDone += 1;
    },
    stop: () => display.stop(),
  };
}

/** Bytes of a file; `undefined` for the standard input. A file that cannot be read is told when its turn comes. */
async function sizeOf({ filePath }: Input): Promise<number | undefined> {
  if (filePath === undefined) {
    return undefined;
  }
  return await stat(filePath).then(
    ({ size }) => size,
    () => 0,
  );
}
