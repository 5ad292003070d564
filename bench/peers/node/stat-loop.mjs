/** The floor of a re-scan: one stat for each file of a list that is known beforehand. */
import { statSync } from 'node:fs';
import { listTranscripts } from '../corpus.mjs';
import { contend } from '../protocol.mjs';
import { repeated } from '../repeated.mjs';

await contend(async ({ corpus, rounds }) => {
  const files = listTranscripts(corpus);
  const known = new Map(files.map((file) => [file, statSync(file).mtimeMs]));
  const rescan = () => {
    let changed = 0;
    for (const [file, mtime] of known) if (statSync(file).mtimeMs !== mtime) changed += 1;
    return { files: files.length, changed };
  };
  return [await repeated('unchanged', rounds, rescan)];
});
