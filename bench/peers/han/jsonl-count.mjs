/** Counts lines: `input.form` is 'sync' or 'async'. */
import { task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';
import { loadNative } from './native.mjs';

await contend(({ native: packagePath, file, form, ...input }) => {
  const native = loadNative(packagePath, ['jsonlCountLines', 'jsonlCountLinesAsync']);
  const count = form === 'async' ? native.jsonlCountLinesAsync : native.jsonlCountLines;
  return task(input, async () => ({ lines: await count(file) }));
});
