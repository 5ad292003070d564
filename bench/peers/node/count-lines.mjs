/** Counts newlines in reads of 1 MiB into one buffer. */
import { closeSync, openSync, readSync } from 'node:fs';
import { task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';

await contend(({ file, ...input }) => task(input, () => ({ lines: countLines(file) })));

function countLines(file) {
  const buffer = Buffer.allocUnsafeSlow(1 << 20);
  const descriptor = openSync(file, 'r');
  let lines = 0;
  let last = 10;
  for (let read = readSync(descriptor, buffer); read !== 0; read = readSync(descriptor, buffer)) {
    const chunk = read === buffer.length ? buffer : buffer.subarray(0, read);
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
    last = chunk[read - 1];
  }
  closeSync(descriptor);
  return last === 10 ? lines : lines + 1;
}
