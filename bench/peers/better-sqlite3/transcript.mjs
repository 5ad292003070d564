/** Reads a transcript from an offset and writes its rows. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { contentOf, roleOf, timestampOf, usageOf } from './entry.mjs';

const NEWLINE = 10;
const SESSION_NAME = /^([0-9a-f-]{32,})(?:_messages)?$/i;

let buffer = Buffer.allocUnsafe(8 << 20);

/**
 * Indexes what `file` holds beyond `cursor` ({ session_id, offset, lines }, absent for a new file) through the
 * statements of `writer`, inside the caller's transaction. `searchable` also adds each text to the search
 * index, which a bulk load rebuilds at its end instead. Returns { messages, broken, bytes }.
 */
export function indexTranscript(writer, file, cursor, searchable) {
  const { size, mtimeMs, length, offset } = readTail(file, cursor?.offset ?? 0);
  const name = path.basename(file);
  let sessionId = cursor?.session_id ?? SESSION_NAME.exec(path.basename(file, '.jsonl'))?.[1] ?? null;
  let line = cursor?.lines ?? 0;
  let end = offset;
  let messages = 0;
  let broken = 0;
  let slug = null;
  let first = null;
  let last = null;
  let previous = null;
  let waiting = [];

  const write = (entry, raw, number, timestamp) => {
    const usage = usageOf(entry);
    const content = contentOf(entry);
    const { lastInsertRowid } = writer.message.run(
      entry.uuid ?? null,
      sessionId,
      entry.agentId ?? null,
      entry.type,
      roleOf(entry),
      timestamp,
      number,
      name,
      usage?.input_tokens ?? null,
      usage?.output_tokens ?? null,
      usage?.cache_read_input_tokens ?? null,
      usage?.cache_creation_input_tokens ?? null,
      content,
      raw,
    );
    if (searchable && content !== null) writer.text.run(lastInsertRowid, content);
    messages += 1;
  };

  for (let start = 0; start < length; ) {
    const newline = buffer.indexOf(NEWLINE, start);
    const stop = newline < 0 || newline >= length ? length : newline;
    const torn = stop === length;
    const raw = buffer.utf8Slice(start, stop);
    start = stop + 1;
    const entry = parse(raw);
    if (entry === null && torn) break; // an unfinished last line waits
    end = offset + Math.min(start, length);
    const number = line++;
    if (entry === null) {
      if (raw.trim() !== '') broken += 1;
      continue;
    }
    sessionId ??= entry.sessionId ?? name;
    slug ??= entry.slug ?? null;
    const own = timestampOf(entry);
    if (own !== null) {
      if (first === null || own < first) first = own;
      if (last === null || own > last) last = own;
    }
    // A line without a time takes that of the line before it, at the head of a file the next one known.
    const timestamp = own ?? previous;
    if (timestamp === null) {
      waiting.push([entry, raw, number]);
      continue;
    }
    previous = timestamp;
    for (const [early, earlyRaw, earlyNumber] of waiting) write(early, earlyRaw, earlyNumber, timestamp);
    waiting = [];
    write(entry, raw, number, timestamp);
  }
  for (const [entry, raw, number] of waiting) write(entry, raw, number, null);

  sessionId ??= name;
  writer.session.run(sessionId, projectOf(file), file, slug, first, last);
  writer.file.run(file, sessionId, size, mtimeMs, end, line);
  return { messages, broken, bytes: length };
}

/** Fills the shared buffer with the bytes of `file` from `from`; a file that shrank is read from its start. */
function readTail(file, from) {
  const descriptor = openSync(file, 'r');
  try {
    const { size, mtimeMs } = fstatSync(descriptor);
    const offset = from > size ? 0 : from;
    const wanted = size - offset;
    if (buffer.length < wanted) buffer = Buffer.allocUnsafe(wanted + (wanted >> 2));
    let length = 0;
    while (length < wanted) {
      const read = readSync(descriptor, buffer, length, wanted - length, offset + length);
      if (read === 0) break;
      length += read;
    }
    return { size, mtimeMs, length, offset };
  } finally {
    closeSync(descriptor);
  }
}

function parse(raw) {
  try {
    const entry = JSON.parse(raw);
    return typeof entry?.type === 'string' ? entry : null;
  } catch {
    return null;
  }
}

function projectOf(file) {
  const parts = file.split(path.sep);
  return parts[parts.lastIndexOf('projects') + 1] ?? '';
}
