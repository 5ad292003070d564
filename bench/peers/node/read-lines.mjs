/**
 * Reads some lines of a file. `input.request` is { offset, limit }, { last } or { numbers }; `input.form`:
 * 'known' has the offsets of all lines, 'scan' looks for the page from the start, 'backward' reads chunks from the end.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { eachBlock } from '../jsonl/blocks.mjs';
import { lineOffsets } from '../jsonl/offsets.mjs';
import { firstCall, measureContents, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';

const FORMS = { known, scan, backward };

await contend(({ file, form, request, first, ...input }) => {
  const read = FORMS[form](file, request);
  const work = () => measureContents(read());
  return first ? firstCall(input, work) : task(input, work);
});

function known(file, { offset, limit, numbers }) {
  const offsets = lineOffsets(file);
  const descriptor = openSync(file, 'r');
  offsets.push(fstatSync(descriptor).size);
  if (numbers !== undefined) return () => numbers.flatMap((number) => lines(descriptor, offsets, number, 1));
  return () => lines(descriptor, offsets, offset, Math.min(limit, offsets.length - 1 - offset));
}

/** `count` lines from `first` on in one read. */
function lines(descriptor, offsets, first, count) {
  const base = offsets[first];
  const buffer = Buffer.allocUnsafe(offsets[first + count] - base);
  readSync(descriptor, buffer, 0, buffer.length, base);
  const found = [];
  for (let lineNumber = first; lineNumber < first + count; lineNumber += 1) {
    const byteOffset = offsets[lineNumber];
    const end = offsets[lineNumber + 1] - base;
    const to = buffer[end - 1] === 10 ? end - 1 : end;
    found.push({ lineNumber, byteOffset, content: buffer.toString('utf8', byteOffset - base, to) });
  }
  return found;
}

function scan(file, { offset, limit }) {
  return () => {
    const found = [];
    let lineNumber = 0;
    let base = 0;
    eachBlock(file, (block) => {
      let from = 0;
      for (let at = block.indexOf(10); at !== -1; at = block.indexOf(10, from)) {
        if (lineNumber >= offset) {
          found.push({ lineNumber, byteOffset: base + from, content: block.toString('utf8', from, at) });
          if (found.length === limit) return false;
        }
        lineNumber += 1;
        from = at + 1;
      }
      if (from < block.length && lineNumber >= offset) {
        found.push({ lineNumber, byteOffset: base + from, content: block.toString('utf8', from) });
      }
      base += block.length;
      return true;
    });
    return found;
  };
}

/** The last lines first, in chunks of 64 KiB from the end. */
function backward(file, { last }) {
  return () => {
    const descriptor = openSync(file, 'r');
    const found = [];
    let position = fstatSync(descriptor).size;
    let tail = Buffer.alloc(0);
    while (position > 0 && found.length < last) {
      const size = Math.min(1 << 16, position);
      position -= size;
      const chunk = Buffer.allocUnsafe(size + tail.length);
      readSync(descriptor, chunk, 0, size, position);
      tail.copy(chunk, size);
      // What `tail` held has no newline but perhaps its last byte.
      tail = takeLines(chunk, position, last, found);
    }
    if (position === 0 && tail.length > 0 && found.length < last) takeLine(tail, 0, 0, found);
    closeSync(descriptor);
    return found;
  };
}

/** Takes whole lines off the end of `chunk`, which is at `position` in the file; gives the part of a line before them. */
function takeLines(chunk, position, last, found) {
  let end = chunk.length;
  while (found.length < last && end > 0) {
    const newline = end > 1 ? chunk.lastIndexOf(10, end - 2) : -1;
    if (newline === -1) break;
    takeLine(chunk.subarray(0, end), newline + 1, position, found);
    end = newline + 1;
  }
  return chunk.subarray(0, end);
}

function takeLine(bytes, from, position, found) {
  const to = bytes.at(-1) === 10 ? bytes.length - 1 : bytes.length;
  found.push({ byteOffset: position + from, content: bytes.toString('utf8', from, to) });
}
