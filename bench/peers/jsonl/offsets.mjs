/** Where the lines of a file begin, as one finds it in JavaScript. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Offset of every line, in reads of 1 MiB into one buffer. */
export function lineOffsets(file) {
  const buffer = Buffer.allocUnsafeSlow(1 << 20);
  const descriptor = openSync(file, 'r');
  const offsets = [0];
  let base = 0;
  for (let read = readSync(descriptor, buffer); read !== 0; read = readSync(descriptor, buffer)) {
    const chunk = read === buffer.length ? buffer : buffer.subarray(0, read);
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) offsets.push(base + at + 1);
    base += read;
  }
  closeSync(descriptor);
  // After a final newline no line begins; an empty file has the one offset 0.
  if (offsets.length > 1 && offsets.at(-1) === base) offsets.pop();
  return offsets;
}
