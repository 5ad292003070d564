/** Writes the sidecar index beside a file. */
import { contend, timed } from '../protocol.mjs';
import { loadNative } from './native.mjs';

await contend(async ({ native: packagePath, file }) => {
  const native = loadNative(packagePath, ['jsonlUpdateIndex']);
  const { ms, result } = await timed(() => native.jsonlUpdateIndex(file));
  return [{ case: 'sidecar', ms, facts: { lines: result.lineCount, indexBytes: result.indexBytes } }];
});
