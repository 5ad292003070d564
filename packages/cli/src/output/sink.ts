/** A stream that is written to as fast as its reader reads. */
import { once } from 'node:events';

/** Where a command writes its answer. */
export interface Sink {
  /** Writes text; waits while the reader is behind. */
  write(text: string): Promise<void>;
  /** Writes text and a line feed. */
  line(text?: string): Promise<void>;
}

/** A {@link Sink} over a stream of the process. */
export function sinkTo(stream: NodeJS.WritableStream): Sink {
  const write = async (text: string) => {
    if (text !== '' && !stream.write(text)) {
      await once(stream, 'drain');
    }
  };
  return { write, line: (text = '') => write(`${text}\n`) };
}
