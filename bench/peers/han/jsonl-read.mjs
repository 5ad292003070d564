/**
 * Reads some lines of a file. `input.request` is { offset, limit }, { last } or { numbers }; `input.form`:
 * 'page', 'page async', 'reverse', 'tail', 'lines' or 'indexed', which is given the offsets of all lines.
 */
import { firstCall, measureContents, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';
import { loadNative } from './native.mjs';

/** What each form calls, and how. */
const FORMS = {
  page: ['jsonlReadPage', (call, file, { offset, limit }) => call(file, offset, limit).lines],
  'page async': [
    'jsonlReadPageAsync',
    async (call, file, { offset, limit }) => (await call(file, offset, limit)).lines,
  ],
  reverse: ['jsonlReadReverse', (call, file, { last }) => call(file, last)],
  tail: ['jsonlReadTail', (call, file, { last }) => call(file, last).lines],
  lines: ['jsonlReadLines', (call, file, { numbers }) => call(file, numbers)],
  indexed: ['jsonlReadIndexed', (call, file, { numbers }, index) => call(file, index, numbers)],
};

await contend(async ({ native: packagePath, file, form, request, first, ...input }) => {
  const [name, read] = FORMS[form];
  const needed = form === 'indexed' ? [name, 'jsonlBuildIndex'] : [name];
  const native = loadNative(packagePath, needed);
  const index = form === 'indexed' ? native.jsonlBuildIndex(file) : undefined;
  const work = async () => measureContents(await read(native[name], file, request, index));
  if (first) return firstCall(input, work);
  // Makes the index.
  await work();
  return task(input, work);
});
