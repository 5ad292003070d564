/** Bytes to lines, as one writes it in JavaScript: one search and one decode for each line. */
import { createReadStream } from 'node:fs';

const NEWLINE = 10;

/** Takes chunks and calls `onLine(text, bytes)` for each line; the line is without its newline, `bytes` with it. */
export class LineSplitter {
  #onLine;
  /** Pieces of a line that goes on in the next chunk. */
  #pieces = [];

  constructor(onLine) {
    this.#onLine = onLine;
  }

  push(chunk) {
    let from = 0;
    let newline = chunk.indexOf(NEWLINE);
    if (this.#pieces.length > 0 && newline !== -1) {
      this.#pieces.push(chunk.subarray(0, newline + 1));
      from = newline + 1;
      this.#join(1);
      newline = chunk.indexOf(NEWLINE, from);
    }
    for (; newline !== -1; newline = chunk.indexOf(NEWLINE, from)) {
      this.#onLine(chunk.toString('utf8', from, newline), newline + 1 - from);
      from = newline + 1;
    }
    if (from < chunk.length) this.#pieces.push(chunk.subarray(from));
  }

  /** Gives the last line when it has no newline. */
  end() {
    if (this.#pieces.length > 0) this.#join(0);
  }

  #join(newlines) {
    const line = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#onLine(line.toString('utf8', 0, line.length - newlines), line.length);
  }
}

/** Streams a file in chunks of 1 MiB and calls `onLine` for each line. */
export async function eachLine(file, onLine) {
  const splitter = new LineSplitter(onLine);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) splitter.push(chunk);
  splitter.end();
}
