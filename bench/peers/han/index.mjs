/** Indexes a corpus into a fresh database: `input.form` is 'async' or 'sync' (which blocks, and finds the corpus by CLAUDE_CONFIG_DIR). */
import { existsSync, statSync } from 'node:fs';
import { contend, timed } from '../protocol.mjs';
import { loadNative } from './native.mjs';

await contend(async ({ native: packagePath, corpus, databasePath, form }) => {
  const native = loadNative(packagePath, ['fullScanAndIndex', 'fullScanAndIndexAsync']);
  const { ms, result } = await timed(() =>
    form === 'async'
      ? native.fullScanAndIndexAsync(databasePath, { configDirs: [corpus] })
      : native.fullScanAndIndex(databasePath),
  );
  const results = form === 'async' ? result.results : result;
  const failed = results.filter(({ error }) => error !== undefined);
  if (failed.length > 0) throw new Error(`${failed.length} files failed: ${failed[0].error}`);
  const sum = (field) => results.reduce((total, each) => total + each[field], 0);
  const facts = {
    files: results.length,
    bytes: sum('bytesRead'),
    messages: sum('messagesIndexed'),
    broken: sum('brokenLines'),
    databaseBytes: sizeOf(databasePath) + sizeOf(`${databasePath}-wal`),
  };
  return [{ case: 'index', ms, facts }];
});

function sizeOf(file) {
  return existsSync(file) ? statSync(file).size : 0;
}
