/** How a failure is told: as text for people, as one line of JSON for programs. */
import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { tell } from '../failures.js';
import { printable } from './printable.js';

/**
 * Tells on stderr what went wrong and what helps.
 *
 * @param thrown - Anything that was caught.
 * @returns The exit code that it asks for.
 */
export async function writeFailure({ err, json }: Context, thrown: unknown): Promise<ExitCode> {
  const { exit, ...told } = tell(thrown);
  if (json) {
    await err.line(JSON.stringify({ error: told }));
  } else {
    await err.line(`error: ${printable(told.message)} (${told.code})`);
    if (told.remedy !== undefined) {
      await err.line(`help: ${printable(told.remedy)}`);
    }
  }
  return exit;
}
