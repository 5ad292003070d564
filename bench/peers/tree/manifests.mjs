/** Manifests with tinyglobby: hashes of all files by node:crypto, and sizes and times of an unchanged tree. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { contend, timed } from '../protocol.mjs';
import { answered, factsOf } from './answers.mjs';
import { globOf } from './libraries.mjs';

/** As many files at once keep the thread pool busy. */
const AT_ONCE = 64;

async function each(list, work) {
  const results = new Array(list.length);
  let next = 0;
  const one = async () => {
    while (next < list.length) {
      const at = next++;
      results[at] = await work(list[at]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return results;
}

await contend(async ({ root, rounds, task }) => {
  const glob = await globOf('tinyglobby');
  const files = () => glob('**/*.ts', root);
  const hash = async (file) =>
    `${file} ${createHash('sha256')
      .update(await readFile(path.join(root, file)))
      .digest('hex')}`;
  if (task === 'first manifest') {
    const { ms, result } = await timed(async () => each(await files(), hash));
    return [{ case: task, ms, facts: factsOf(result) }];
  }
  const look = async (file) => {
    const { size, mtimeMs } = await stat(path.join(root, file));
    return `${file} ${size} ${mtimeMs}`;
  };
  const before = new Set(await each(await files(), look));
  const changed = async () => (await each(await files(), look)).filter((line) => !before.has(line));
  return [await answered(task, rounds, changed, (lines) => lines)];
});
