/** 100 lines were appended to a file: read its tail, insert the rows and their search entries, commit. */
import { growingTranscript } from '../appending.mjs';
import { contend } from '../protocol.mjs';
import { repeated } from '../repeated.mjs';
import { loadDatabase } from './database.mjs';
import { configure, prepareWriter } from './store.mjs';
import { indexTranscript } from './transcript.mjs';

await contend(async ({ databasePath, transcript, folder, rounds }) => {
  const Database = await loadDatabase();
  const database = new Database(databasePath);
  configure(database);
  const writer = prepareWriter(database);
  const { file, append } = growingTranscript(transcript, folder);
  const index = database.transaction(() => indexTranscript(writer, file, writer.cursor.get(file), true));
  index();
  let appendedBytes = 0;
  const answer = await repeated('append', rounds, () => ({ messages: index().messages, appendedBytes }), {
    before: () => {
      appendedBytes = append();
    },
  });
  database.close();
  return [answer];
});
