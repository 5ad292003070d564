/** Collects the offset of every line in reads of 1 MiB into one buffer. */
import { lineOffsets } from '../jsonl/offsets.mjs';
import { measureOffsets, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';

await contend(({ file, ...input }) => task(input, () => measureOffsets(lineOffsets(file))));
