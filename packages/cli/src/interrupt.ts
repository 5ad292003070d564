/** Ctrl-C and SIGTERM while something long goes on. */
import { type ExitCode, exitCode } from './exit-codes.js';

const signals = { SIGINT: exitCode.interrupted, SIGTERM: exitCode.terminated } as const;

/**
 * Runs work that can be cancelled. The first signal aborts it and lets it finish in order; a second one ends the
 * process at once.
 *
 * @returns What the work returned, and the exit code that a signal asks for.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ value: T; exit: ExitCode | undefined }> {
  const abort = new AbortController();
  let exit: ExitCode | undefined;
  const listeners = Object.entries(signals).map(([name, code]) => {
    const listener = () => {
      if (exit !== undefined) {
        process.exit(code);
      }
      exit = code;
      abort.abort();
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  try {
    const value = await work(abort.signal);
    return { value, exit };
  } finally {
    for (const remove of listeners) {
      remove();
    }
  }
}
