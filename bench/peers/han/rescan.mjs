/** Re-scans a corpus in which nothing has changed. */
import { contend } from '../protocol.mjs';
import { repeated } from '../repeated.mjs';
import { loadNative } from './native.mjs';

await contend(async ({ native: packagePath, corpus, databasePath, rounds }) => {
  const native = loadNative(packagePath, ['fullScanAndIndexAsync']);
  const rescan = async () => {
    const report = await native.fullScanAndIndexAsync(databasePath, { configDirs: [corpus] });
    return { files: report.filesSeen, changed: report.filesSeen - report.filesUnchanged };
  };
  return [await repeated('unchanged', rounds, rescan)];
});
