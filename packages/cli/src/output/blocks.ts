/** Many small texts, written in few calls. */
import type { Sink } from './sink.js';

/** A {@link Sink} that collects what it is given. */
export interface BlockSink extends Sink {
  /** Writes what is left. To be called at the end. */
  flush(): Promise<void>;
}

/** Characters that are collected at most, roughly. */
const blockSize = 64 * 1024;

/**
 * Puts a collector in front of a sink. What was collected is passed on when it is enough for a block, and at the latest
 * when the program waits for something else: a reader at the end of a pipe sees every line as soon as it is known.
 *
 * @param sink - Where the blocks go; while it is behind, so is the collector.
 */
export function inBlocks(sink: Sink): BlockSink {
  let collected = '';
  let written = Promise.resolve();
  const pass = () => {
    const block = collected;
    collected = '';
    written = written.then(() => sink.write(block));
    // Whoever awaits `written` learns of a failure; nobody does so while the program is idle.
    written.catch(ignore);
  };
  const write = async (text: string) => {
    if (collected === '' && text !== '') {
      setImmediate(pass);
    }
    collected += text;
    if (collected.length >= blockSize) {
      pass();
      await written;
    }
  };
  return {
    write,
    line: (text = '') => write(`${text}\n`),
    async flush() {
      pass();
      await written;
    },
  };
}

function ignore(): void {
  // Told by the promise itself.
}
