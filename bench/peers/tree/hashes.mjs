/** SHA-256 of one big file and of many small ones: openssl, node:crypto, and two threads of it. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { textOf } from '../programs/program.mjs';
import { contend } from '../protocol.mjs';
import { answered } from './answers.mjs';
import { globOf } from './libraries.mjs';

const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

async function streamed(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Hashes each list in a thread of its own. */
function inThreads(workers, lists) {
  const ask = (worker, list) =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.postMessage(list);
    });
  return Promise.all(workers.map((worker, at) => ask(worker, lists[at])));
}

async function work({ root, big, rounds, task }) {
  if (task === 'openssl') {
    const digest = async () => (await textOf('openssl', ['dgst', '-sha256', '-r', big])).text.slice(0, 64);
    return [await answered('one big file', rounds, digest, (hash) => [hash])];
  }
  if (task === 'big file')
    return [
      await answered(
        'one big file',
        rounds,
        () => streamed(big),
        (hash) => [hash],
      ),
    ];
  const files = (await (await globOf('tinyglobby'))('**/*.ts', root))
    .map((file) => path.join(root, file))
    .sort();
  const half = Math.ceil(files.length / 2);
  const workers = [0, 1].map(() => new Worker(fileURLToPath(import.meta.url)));
  try {
    const hashes = () => inThreads(workers, [files.slice(0, half), files.slice(half)]);
    return [await answered('many files', rounds, hashes, (lists) => lists.flat())];
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

if (isMainThread) await contend(work);
else parentPort.on('message', (files) => parentPort.postMessage(files.map(hashOf)));
