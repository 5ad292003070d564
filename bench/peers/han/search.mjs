/** The 20 best hits with their session and a snippet. */
import { contend } from '../protocol.mjs';
import { searched } from '../searched.mjs';
import { loadNative } from './native.mjs';

await contend(({ native: packagePath, databasePath, queries, rounds }) => {
  const native = loadNative(packagePath, ['searchTranscripts']);
  const options = { limit: 20 };
  return searched(
    queries,
    rounds,
    (query) => native.searchTranscripts(databasePath, query, options).items.length,
  );
});
