/** Progress of work of several phases, on stderr: a bar on a terminal, a plain line every few seconds elsewhere. */
import type { ProgressMode } from './progress.js';

/** How far some work is. */
export interface WorkProgress {
  /** What is done now: `copying`. */
  what: string;
  /** How much of that is done, from 0 to 1; `undefined` when nobody knows. */
  share: number | undefined;
  /** The same in numbers: `12 of 80 pages`; may be empty. */
  amount: string;
  elapsedMs: number;
}

/** Shows progress until it is stopped. */
export interface WorkDisplay {
  update(progress: WorkProgress): void;
  /** Removes the bar; nothing may be written to the stream before that. May be called again. */
  stop(): void;
}

/** Milliseconds between two plain lines. */
const lineInterval = 3000;

/**
 * Begins to show progress.
 *
 * @param mode - `none` shows nothing.
 * @param stream - Where to; the standard error stream.
 * @param cells - Width of the terminal.
 */
export async function startWorkProgress(
  mode: ProgressMode,
  stream: NodeJS.WritableStream,
  cells: number,
): Promise<WorkDisplay> {
  if (mode === 'none') {
    return { update: () => undefined, stop: () => undefined };
  }
  return mode === 'bar' ? await startBar(stream, cells) : startLines(stream);
}

async function startBar(stream: NodeJS.WritableStream, cells: number): Promise<WorkDisplay> {
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    stream,
    format: (_options, _parameters, { newest }: { newest?: WorkProgress }) => workText(newest, cells),
    fps: 10,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is handled by the command, which stops the bar itself.
    gracefulExit: false,
  });
  let running = false;
  return {
    // A bar appears with the first progress: work that is over at once shows none.
    update(newest) {
      if (!running) {
        bar.start(1000, 0, {});
        running = true;
      }
      bar.update(Math.floor((newest.share ?? 0) * 1000), { newest });
    },
    stop() {
      if (running) {
        bar.stop();
        running = false;
      }
    },
  };
}

function startLines(stream: NodeJS.WritableStream): WorkDisplay {
  let next = lineInterval;
  return {
    update(progress) {
      if (progress.elapsedMs >= next) {
        next = progress.elapsedMs + lineInterval;
        const { what, share, amount } = progress;
        const parts = [
          what,
          ...(share === undefined ? [] : [percent(share)]),
          ...(amount === '' ? [] : [amount]),
        ];
        stream.write(`${parts.join(', ')}\n`);
      }
    },
    stop: () => undefined,
  };
}

/** The line of the bar: as much of it as fits. */
export function workText(progress: WorkProgress | undefined, cells: number): string {
  if (progress === undefined) {
    return '';
  }
  const { what, share, amount } = progress;
  if (share === undefined) {
    return what;
  }
  const barCells = Math.max(5, Math.min(30, Math.floor((cells - what.length - amount.length - 12) / 5) * 5));
  const full = Math.round(Math.min(1, share) * barCells);
  const bar = `${'█'.repeat(full)}${'░'.repeat(barCells - full)}`;
  return `${bar} ${percent(share).padStart(4)}  ${what}${amount === '' ? '' : `, ${amount}`}`.slice(
    0,
    cells - 1,
  );
}

function percent(share: number): string {
  // Rounded down: 100% is said only when everything is done.
  return `${Math.floor(Math.min(1, share) * 100)}%`;
}
