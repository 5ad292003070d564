/** Progress of hashing, on stderr. */
import type { HashProgress } from '@han/client';
import type { Context } from '../../context.js';
import { bytes, counted } from '../../output/units.js';
import { startWorkProgress } from '../../output/work-progress.js';

/** Begins to show how far files are hashed. */
export async function startHashProgress(context: Context) {
  const cells = context.progressStream.columns || 80;
  const display = await startWorkProgress(context.progress, context.progressStream, cells);
  return {
    update: ({ filesDone, filesTotal, bytesDone, elapsedMs }: HashProgress) =>
      display.update({
        what: 'hashing',
        share: filesTotal > 0 ? filesDone / filesTotal : undefined,
        amount: `${counted(filesDone, 'file')}, ${bytes(bytesDone)} read`,
        elapsedMs,
      }),
    stop: () => display.stop(),
  };
}
