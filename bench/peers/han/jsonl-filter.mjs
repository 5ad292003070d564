/** Filters lines: `input.form` is 'sync', 'async' or 'count', which asks for one line and the number of matches. */
import { measureContents, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';
import { loadNative } from './native.mjs';

await contend(({ native: packagePath, file, condition, form, ...input }) => {
  const filter = filterOf(packagePath, condition, form);
  return task(input, async () => {
    const { lines, matchedCount, scannedCount } = await filter(file);
    return form === 'count'
      ? { lines: matchedCount, scanned: scannedCount }
      : { ...measureContents(lines), scanned: scannedCount };
  });
});

/** The call for { field, value } or { start, end }. */
function filterOf(packagePath, { field, value, start, end }, form) {
  if (field === undefined) {
    const native = loadNative(packagePath, ['jsonlFilterTimeRange', 'jsonlFilterTimeRangeAsync']);
    if (form === 'async') return (file) => native.jsonlFilterTimeRangeAsync(file, 'timestamp', start, end);
    const limit = form === 'count' ? 1 : undefined;
    return (file) => native.jsonlFilterTimeRange(file, 'timestamp', start, end, limit);
  }
  const native = loadNative(packagePath, ['jsonlFilter', 'jsonlFilterAsync']);
  const filters = [{ fieldPath: field, operator: 'eq', value }];
  if (form === 'async') return (file) => native.jsonlFilterAsync(file, filters);
  const limit = form === 'count' ? 1 : undefined;
  return (file) => native.jsonlFilter(file, filters, limit);
}
