/** 100 lines were appended to a file: index it. */
import { growingTranscript } from '../appending.mjs';
import { contend } from '../protocol.mjs';
import { repeated } from '../repeated.mjs';
import { loadNative } from './native.mjs';

await contend(async ({ native: packagePath, databasePath, transcript, folder, rounds }) => {
  const native = loadNative(packagePath, ['indexSessionFile']);
  const { file, append } = growingTranscript(transcript, folder);
  const index = () => {
    const result = native.indexSessionFile(databasePath, file);
    if (result.error !== undefined) throw new Error(result.error);
    return result.messagesIndexed;
  };
  index();
  let appendedBytes = 0;
  const answer = await repeated('append', rounds, () => ({ messages: index(), appendedBytes }), {
    before: () => {
      appendedBytes = append();
    },
  });
  return [answer];
});
