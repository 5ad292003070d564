/** Transcript trees: listing, generating, warming. A corpus is a folder with `projects/<slug>/**.jsonl`. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** Paths of all transcripts below `corpus/projects`, sorted. */
export function listTranscripts(corpus) {
  const found = [];
  const walk = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const full = `${directory}/${entry.name}`;
      if (entry.isDirectory()) walk(full);
      else if (entry.name.endsWith('.jsonl')) found.push(full);
    }
  };
  walk(path.join(corpus, 'projects'));
  return found.sort();
}

/** Reads every file once, so that all contenders find it in the page cache; gives the number of bytes. */
export function warm(files) {
  const buffer = Buffer.allocUnsafe(1 << 20);
  let bytes = 0;
  for (const file of files) {
    const descriptor = openSync(file, 'r');
    for (let read = -1; read !== 0; bytes += read) read = readSync(descriptor, buffer);
    closeSync(descriptor);
  }
  return bytes;
}

/** Writes a corpus of `size` (such as 200M) into `out` with the transcript generator at `generator`. */
export function generate(generator, size, out) {
  if (!existsSync(generator)) throw new Error(`no transcript generator at ${generator}`);
  const run = spawnSync(process.execPath, [generator, '--out', out, '--bytes', size], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`the transcript generator ended with ${run.status}`);
  return out;
}

/** The largest transcript of a corpus. */
export function largestTranscript(corpus) {
  const sized = listTranscripts(corpus).map((file) => ({ file, size: statSync(file).size }));
  return sized.reduce((best, next) => (next.size > best.size ? next : best)).file;
}

/**
 * Writes `count` small transcripts, three short lines each and 100 to a project, into `out`; their lines are
 * those of `transcript` under new session ids. Gives the corpus that re-scans of many files are measured on.
 */
export function manyTranscripts(transcript, out, count) {
  const models = readFileSync(transcript, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"uuid"') && line.length < 2000)
    .slice(0, 300)
    .map((line) => JSON.parse(line));
  for (let index = 0; index < count; index += 1) {
    const directory = path.join(out, 'projects', `-bench-${Math.floor(index / 100)}`);
    if (index % 100 === 0) mkdirSync(directory, { recursive: true });
    const sessionId = randomUUID();
    let text = '';
    for (let line = 0; line < 3; line += 1) {
      const model = models[(index * 3 + line) % models.length];
      text += `${JSON.stringify({ ...model, uuid: randomUUID(), sessionId })}\n`;
    }
    writeFileSync(path.join(directory, `${sessionId}.jsonl`), text);
  }
  return out;
}
