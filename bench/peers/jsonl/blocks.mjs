/** Reads of whole lines into one buffer. */
import { closeSync, openSync, readSync } from 'node:fs';

const NEWLINE = 10;

/**
 * Calls `onBlock(bytes)` with consecutive parts of a file that end at the end of a line, about 1 MiB each, until it
 * returns false.
 */
export function eachBlock(file, onBlock) {
  const descriptor = openSync(file, 'r');
  let buffer = Buffer.allocUnsafeSlow(1 << 20);
  let kept = 0;
  for (;;) {
    if (kept === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafeSlow(kept)]);
    const read = readSync(descriptor, buffer, kept, buffer.length - kept, null);
    if (read === 0) break;
    const filled = kept + read;
    const end = buffer.subarray(0, filled).lastIndexOf(NEWLINE) + 1;
    kept = filled - end;
    if (end > 0 && onBlock(buffer.subarray(0, end)) === false) {
      kept = 0;
      break;
    }
    buffer.copyWithin(0, end, filled);
  }
  closeSync(descriptor);
  if (kept > 0) onBlock(buffer.subarray(0, kept));
}
