/** What is true of a JSONL file, found by one plain pass: the answers that contenders are held to. */
import { closeSync, openSync, readSync } from 'node:fs';
import { fieldOf } from './condition.mjs';
import { eachLine } from './splitter.mjs';

/** Fields whose values may be filtered for. */
const FIELDS = ['sessionId', 'requestId', 'type', 'version', 'gitBranch', 'cwd', 'message.model'];

/**
 * { bytes, lines, broken, longestLine, terminated, offsets, characters, values, times } of a file: `offsets` and
 * `characters` (UTF-16 units) of each line; `values` a Map of field to a Map of value to { lines, characters };
 * `times` the lines with a top-level `timestamp`, as { time, characters } in the order of time.
 */
export async function survey(file) {
  const found = { bytes: 0, broken: 0, longestLine: 0, offsets: [], characters: [], times: [] };
  const values = new Map(FIELDS.map((field) => [field, new Map()]));
  await eachLine(file, (line, bytes) => {
    found.offsets.push(found.bytes);
    found.characters.push(line.length);
    found.bytes += bytes;
    found.longestLine = Math.max(found.longestLine, bytes);
    const record = parse(line);
    if (record === null) found.broken += 1;
    else note(record, line.length, values, found.times);
  });
  found.times.sort((a, b) => a.time - b.time);
  return { ...found, lines: found.offsets.length, terminated: endsWithNewline(file, found.bytes), values };
}

function endsWithNewline(file, size) {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, last, 0, 1, size - 1);
  closeSync(descriptor);
  return last[0] === 10;
}

function parse(line) {
  try {
    return { value: JSON.parse(line) };
  } catch {
    return null;
  }
}

function note({ value: record }, characters, values, times) {
  for (const [field, counts] of values) {
    const value = fieldOf(record, field.split('.'));
    if (typeof value !== 'string') continue;
    const count = counts.get(value) ?? { lines: 0, characters: 0 };
    count.lines += 1;
    count.characters += characters;
    counts.set(value, count);
  }
  const time = typeof record?.timestamp === 'string' ? Date.parse(record.timestamp) : Number.NaN;
  if (!Number.isNaN(time)) times.push({ time, characters });
}

/** Lines and characters of the lines `from` to before `to`. */
export function rangeOf({ characters }, from, to) {
  return totalOf(characters.slice(from, to));
}

/** Lines and characters of the lines of these numbers. */
export function linesOf({ characters }, numbers) {
  return totalOf(numbers.map((number) => characters[number]));
}

function totalOf(characters) {
  return { lines: characters.length, characters: characters.reduce((sum, each) => sum + each, 0) };
}
