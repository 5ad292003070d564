/** The growing file of the append case: a copy of a real transcript and batches of lines in its manner. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const LINES = 100;

/**
 * Copies `transcript` to a session of its own below `folder`, and returns { file, append }, where `append()`
 * adds the next LINES lines with new ids and returns their size in bytes.
 */
export function growingTranscript(transcript, folder) {
  const sessionId = randomUUID();
  const directory = path.join(folder, 'projects', '-bench-append');
  const file = path.join(directory, `${sessionId}.jsonl`);
  mkdirSync(directory, { recursive: true });
  copyFileSync(transcript, file);
  const models = readFileSync(transcript, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"uuid"'))
    .map((line) => JSON.parse(line));
  let next = 0;
  const append = () => {
    let text = '';
    for (let count = 0; count < LINES; count += 1) {
      const model = models[next++ % models.length];
      text += `${JSON.stringify({ ...model, uuid: randomUUID(), sessionId })}\n`;
    }
    appendFileSync(file, text);
    return Buffer.byteLength(text);
  };
  return { file, append };
}
