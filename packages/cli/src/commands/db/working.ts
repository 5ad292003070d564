/** Long maintenance with progress, to be ended by Ctrl-C. */
import type { HanClient, MaintenanceProgress, MaintenanceRunOptions } from '@han/client';
import { openExisting } from '../../archive.js';
import type { Context } from '../../context.js';
import { type ExitCode, exitCode } from '../../exit-codes.js';
import { CommandFailure, tell } from '../../failures.js';
import { interruptible } from '../../interrupt.js';
import { bytes, count } from '../../output/units.js';
import { startWorkProgress, type WorkProgress } from '../../output/work-progress.js';

/** What the phases of maintenance are called for people. */
const phases: Record<string, string> = {
  copy: 'copying',
  verify: 'checking the copy',
  tables: 'checking tables',
  references: 'checking references',
  counters: 'checking counters',
  'search index': 'checking the search index',
  repair: 'repairing',
  sizes: 'measuring',
  log: 'writing back',
  restore: 'writing transcripts',
};

/** How work ended. */
export interface Worked<T> {
  value: T;
  /** The exit code that a signal asks for; `undefined` when there was none. */
  exit: ExitCode | undefined;
}

/**
 * Opens the database, shows how far the work on it is, and ends it when a signal comes.
 *
 * @param nothingKept - What is told when the work ends without an answer because of a signal.
 */
export async function workOnDatabase<T>(
  context: Context,
  nothingKept: string,
  work: (client: HanClient, options: MaintenanceRunOptions) => Promise<T>,
): Promise<Worked<T>> {
  const client = await openExisting(context);
  const display = await startWorkProgress(
    context.progress,
    context.progressStream,
    context.progressStream.columns || 80,
  );
  const onProgress = (progress: MaintenanceProgress) => display.update(shown(progress));
  try {
    const { value, exit } = await interruptible(async (signal) => {
      try {
        return { answer: await work(client, { signal, onProgress }) };
      } catch (thrown) {
        // Which signal it was is known only behind this.
        if (signal.aborted && tell(thrown).code === 'CANCELLED') {
          return undefined;
        }
        throw thrown;
      }
    });
    display.stop();
    if (value === undefined) {
      throw new CommandFailure(exit ?? exitCode.interrupted, 'CANCELLED', `interrupted; ${nothingKept}`);
    }
    return { value: value.answer, exit };
  } finally {
    display.stop();
    client.close();
  }
}

function shown({ phase, done, total, unit, elapsedMs }: MaintenanceProgress): WorkProgress {
  const text = unit === 'bytes' ? bytes : (value: number) => `${count(value)} ${unit}`;
  const amount =
    total > 0
      ? unit === 'bytes'
        ? `${bytes(done)} of ${bytes(total)}`
        : `${count(done)} of ${text(total)}`
      : '';
  return { what: phases[phase] ?? phase, share: total > 0 ? done / total : undefined, amount, elapsedMs };
}
