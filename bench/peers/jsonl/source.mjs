/** The one file that the jsonl suites read, and what is true of it. */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { listTranscripts } from '../corpus.mjs';
import { survey } from './survey.mjs';

const sources = new WeakMap();

/** { file, ...survey } of `--file`, or of the transcripts of the corpus joined into one file; made once a run. */
export function source(bench) {
  if (!sources.has(bench)) sources.set(bench, prepare(bench));
  return sources.get(bench);
}

async function prepare(bench) {
  const file =
    bench.file ?? join(listTranscripts(bench.corpus), path.join(bench.folder('joined'), 'all.jsonl'));
  return { file, ...(await survey(file)) };
}

/** One sentence on the file for the explanation of a suite. */
export function describeSource({ bytes, lines, broken, longestLine }) {
  const notJson = broken > 0 ? `, ${broken} of them not JSON` : '';
  return `One file of ${bytes} bytes and ${lines} lines${notJson}; the longest has ${longestLine} bytes.`;
}

/** Writes the files one after another, each with a final newline, and waits until they are on the disk. */
function join(files, out) {
  const buffer = Buffer.allocUnsafeSlow(1 << 20);
  const target = openSync(out, 'wx');
  for (const file of files) {
    const descriptor = openSync(file, 'r');
    let last = null;
    for (let read = readSync(descriptor, buffer); read !== 0; read = readSync(descriptor, buffer)) {
      writeAll(target, buffer.subarray(0, read));
      last = buffer[read - 1];
    }
    closeSync(descriptor);
    if (last !== null && last !== 10) writeAll(target, Buffer.from('\n'));
  }
  // Nothing is left to write back while contenders are measured.
  fsyncSync(target);
  closeSync(target);
  return out;
}

function writeAll(descriptor, bytes) {
  for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from);
}

/** What a contender did that read the whole file, for the last column of the table. */
export function describeWork({ ms, facts }, corpus) {
  return [
    `${facts.lines} lines`,
    `${(corpus.bytes / 1e9 / (ms / 1000)).toFixed(2)} GB/s`,
    ...describeFirst(facts),
  ].join('; ');
}

/** The same of one that read some lines. */
export function describeCall({ facts }) {
  const read = facts.readBytes === undefined ? [] : [`read ${facts.readBytes} B`];
  return [`${facts.lines} lines`, ...describeFirst(facts), ...read].join('; ');
}

function describeFirst({ rounds, firstMs }) {
  if (rounds === undefined) return [];
  return [`median of ${rounds}, first ${firstMs < 10 ? firstMs.toFixed(2) : firstMs.toFixed(0)} ms`];
}
