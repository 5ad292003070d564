/** Where the last lines of a file begin. */
import { open } from 'node:fs/promises';
import type { Jsonl } from '@han/client';
import { loadJsonl } from './inputs.js';

/** The place of the last lines. */
export interface TailStart {
  /** Byte offset of the first of them. */
  startOffset: number;
  /** How many they are; fewer than were asked for when the file has no more. */
  lines: number;
  /** Whether other lines stand before them. */
  hasMore: boolean;
}

/** Lines that are asked for at once. Their text is thrown away: what is printed is read again, in the order of the file. */
const fetched = 200;

/**
 * Walks backwards over the last lines that are not blank. Memory does not grow with their number.
 *
 * @param wanted - How many; with 0, the place is where the next line will begin.
 */
export async function findTail(filePath: string, wanted: number): Promise<TailStart> {
  const jsonl = await loadJsonl();
  if (wanted === 0) {
    return await findEnd(jsonl, filePath);
  }
  let startOffset: number | undefined;
  let lines = 0;
  let hasMore = true;
  while (hasMore && lines < wanted) {
    const limit = Math.min(fetched, wanted - lines);
    const tail = jsonl.readTail(filePath, {
      limit,
      ...(startOffset === undefined ? {} : { beforeOffset: startOffset }),
    });
    lines += tail.lines.length;
    hasMore = tail.hasMore;
    startOffset = tail.lines.at(-1)?.byteOffset ?? startOffset;
  }
  return { startOffset: startOffset ?? 0, lines, hasMore };
}

/** The place behind the last complete line: an unfinished one is still to come. */
async function findEnd(jsonl: Jsonl, filePath: string): Promise<TailStart> {
  const tail = jsonl.readTail(filePath, { limit: 1 });
  const [last] = tail.lines;
  if (last === undefined) {
    return { startOffset: 0, lines: 0, hasMore: false };
  }
  const isComplete = await endsLine(filePath, tail.fileSize);
  return { startOffset: isComplete ? tail.fileSize : last.byteOffset, lines: 0, hasMore: true };
}

/** Whether the byte before an offset is a line feed. */
async function endsLine(filePath: string, offset: number): Promise<boolean> {
  const file = await open(filePath);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, offset - 1);
    return bytesRead === 1 && buffer[0] === 0x0a;
  } finally {
    await file.close();
  }
}
