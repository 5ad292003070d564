/** Failures that end a command, and how they are told. */
import { type ExitCode, exitCode } from './exit-codes.js';

/** A failure with a code for programs, a way out for people, and the exit code it ends the process with. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  /**
   * @param exit - The exit code of the process.
   * @param code - What `--json` calls it.
   * @param message - What was attempted and what is wrong, without a final full stop.
   * @param remedy - What to do about it.
   */
  constructor(
    readonly exit: ExitCode,
    readonly code: string,
    message: string,
    readonly remedy?: string,
  ) {
    super(message);
  }
}

/** A value on the command line that cannot be understood. */
export function usageFailure(message: string, remedy?: string): CommandFailure {
  return new CommandFailure(exitCode.usage, 'USAGE', message, remedy);
}

/** What is told about any error: one line, its code, and the way out where one is known. */
export interface Told {
  exit: ExitCode;
  code: string;
  message: string;
  remedy?: string;
}

/** Reads what to tell from anything that was thrown. Errors of the client and the addon carry `[CODE] ` in front. */
export function tell(thrown: unknown): Told {
  if (thrown instanceof CommandFailure) {
    const { exit, code, message, remedy } = thrown;
    return { exit, code, message, ...(remedy === undefined ? {} : { remedy }) };
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  const remedy = 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : undefined;
  const told = error.message.replace(/^\[[A-Z0-9_]+\] /, '') || error.name;
  // The loader of the addon puts the remedy behind its message.
  const message =
    remedy !== undefined && told.endsWith(`. ${remedy}`) ? told.slice(0, -remedy.length - 2) : told;
  return { exit: exitCode.failure, code, message, ...(remedy === undefined ? {} : { remedy }) };
}
