/** Offsets of all lines as numbers. */
import { measureOffsets, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';
import { loadNative } from './native.mjs';

await contend(({ native: packagePath, file, form, ...input }) => {
  const native = loadNative(packagePath, ['jsonlBuildIndex', 'jsonlBuildIndexAsync']);
  const build = form === 'async' ? native.jsonlBuildIndexAsync : native.jsonlBuildIndex;
  return task(input, async () => measureOffsets((await build(file)).lineOffsets));
});
