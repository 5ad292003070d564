/** Finds what changed since the last run: walk, stat, compare with the cursors; the database is open already. */
import { statSync } from 'node:fs';
import { listTranscripts } from '../corpus.mjs';
import { contend } from '../protocol.mjs';
import { repeated } from '../repeated.mjs';
import { loadDatabase } from './database.mjs';

await contend(async ({ corpus, databasePath, rounds }) => {
  const Database = await loadDatabase();
  const database = new Database(databasePath);
  const select = database.prepare('SELECT path, size, mtime_ms FROM files');
  const rescan = () => {
    const known = new Map(
      select
        .raw()
        .all()
        .map(([path, size, mtime]) => [path, { size, mtime }]),
    );
    let files = 0;
    let changed = 0;
    for (const file of listTranscripts(corpus)) {
      const { size, mtimeMs } = statSync(file);
      const before = known.get(file);
      files += 1;
      if (before?.size !== size || before.mtime !== mtimeMs) changed += 1;
    }
    return { files, changed };
  };
  const answer = await repeated('unchanged', rounds, rescan);
  database.close();
  return [answer];
});
