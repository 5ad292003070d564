/** Streams every line and touches it: `input.form` is 'reader' (batches that are pulled) or 'callback'. */
import { LineTally, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';
import { loadNative } from './native.mjs';

const BATCH = 1000;

await contend(({ native: packagePath, file, form, parse, ...input }) => {
  const native = loadNative(packagePath, ['jsonlOpenReader', 'jsonlNextBatch', 'jsonlStream']);
  const stream = form === 'callback' ? callback : pull;
  return task(input, async () => {
    const tally = new LineTally(parse);
    await stream(native, file, tally);
    return tally.facts();
  });
});

async function pull(native, file, tally) {
  const reader = native.jsonlOpenReader(file, { batchSize: BATCH, withBlank: true });
  for (let batch = await native.jsonlNextBatch(reader); batch !== null; ) {
    for (const content of batch.contents) tally.add(content);
    batch = await native.jsonlNextBatch(reader);
  }
}

function callback(native, file, tally) {
  const onLines = (error, lines) => {
    if (error !== null) throw error;
    for (const { content } of lines) tally.add(content);
  };
  return native.jsonlStream(file, onLines, BATCH);
}
