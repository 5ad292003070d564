/** Progress of long work, on stderr: a bar on a terminal, a plain line every few seconds elsewhere. */
import type { IndexProgress } from '@han/client';
import { bytes, clock, count, rate } from './units.js';

/** Shows progress until it is stopped. */
export interface ProgressDisplay {
  update(progress: IndexProgress): void;
  /** Removes the bar; nothing may be written to the stream before that. */
  stop(): void;
}

/** How progress is shown. */
export type ProgressMode = 'bar' | 'lines' | 'none';

/** Milliseconds between two plain lines. */
const lineInterval = 3000;

/**
 * Begins to show progress.
 *
 * @param mode - `none` shows nothing.
 * @param stream - Where to; the standard error stream.
 * @param cells - Width of the terminal.
 */
export async function startProgress(
  mode: ProgressMode,
  stream: NodeJS.WritableStream,
  cells: number,
): Promise<ProgressDisplay> {
  if (mode === 'bar') {
    return await startBar(stream, cells);
  }
  return mode === 'lines' ? startLines(stream) : { update: ignore, stop: ignore };
}

function ignore(): void {
  // Nothing is shown.
}

async function startBar(stream: NodeJS.WritableStream, cells: number): Promise<ProgressDisplay> {
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    stream,
    format: (_options, _parameters, { newest }: { newest?: IndexProgress }) => barText(newest, cells),
    fps: 10,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is handled by the command, which stops the bar itself.
    gracefulExit: false,
  });
  bar.start(1, 0, {});
  return {
    update(newest) {
      bar.setTotal(Math.max(1, newest.bytesTotal));
      bar.update(newest.bytesDone, { newest });
    },
    stop: () => bar.stop(),
  };
}

function startLines(stream: NodeJS.WritableStream): ProgressDisplay {
  let next = lineInterval;
  return {
    update(progress) {
      if (progress.elapsedMs >= next) {
        next = progress.elapsedMs + lineInterval;
        stream.write(`${[percentText(progress), ...partsOf(progress)].join(', ')}\n`);
      }
    },
    stop: ignore,
  };
}

/** The line of the bar: what fits, the bar itself taking the rest of the width. */
export function barText(progress: IndexProgress | undefined, cells: number): string {
  if (progress === undefined || progress.phase === 'scan') {
    return `looking for transcripts${progress ? `, ${count(progress.filesTotal)} files` : ''}`;
  }
  if (progress.phase === 'finish') {
    return 'finishing';
  }
  const share = shareOf(progress);
  const parts = partsOf(progress);
  let text = '';
  for (const part of parts) {
    const longer = `${text}  ${part}`;
    // 6 cells for the percentage, 10 at least for the bar, one kept free at the right edge.
    if (longer.length + 17 > cells) {
      break;
    }
    text = longer;
  }
  // In steps of five, so that the bar does not change its length with every digit.
  const barCells = Math.max(5, Math.min(30, Math.floor((cells - text.length - 7) / 5) * 5));
  const full = Math.round(share * barCells);
  return `${'█'.repeat(full)}${'░'.repeat(barCells - full)} ${percentText(progress).padStart(4)}${text}`;
}

function shareOf({ bytesDone, bytesTotal }: IndexProgress): number {
  return bytesTotal <= 0 ? 1 : Math.min(1, bytesDone / bytesTotal);
}

function percentText(progress: IndexProgress): string {
  // Rounded down: 100% is said only when everything is done.
  return `${Math.floor(shareOf(progress) * 100)}%`;
}

function partsOf(progress: IndexProgress): string[] {
  const { bytesDone, bytesTotal, filesDone, filesTotal, elapsedMs } = progress;
  const parts = [
    `${bytes(bytesDone)} of ${bytes(bytesTotal)}`,
    `${count(filesDone)} of ${count(filesTotal)} files`,
  ];
  const speed = rate(bytesDone, elapsedMs);
  if (speed !== '' && bytesDone > 0) {
    parts.push(speed, `${clock((elapsedMs * (bytesTotal - bytesDone)) / bytesDone)} left`);
  }
  return parts;
}
