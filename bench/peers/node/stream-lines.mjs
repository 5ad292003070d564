/**
 * Streams every line and touches it. `input.form`: 'events' and 'for await' of readline, 'splitter' a stream with a
 * splitter of its own; with `input.parse` each line is parsed too.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { eachLine } from '../jsonl/splitter.mjs';
import { LineTally, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';

const FORMS = { events, 'for await': forAwait, splitter: eachLine };

await contend(({ file, form, parse, ...input }) =>
  task(input, async () => {
    const tally = new LineTally(parse);
    await FORMS[form](file, (line) => tally.add(line));
    return tally.facts();
  }),
);

/** readline in its faster form: chunks of 1 MiB instead of 64 KiB. */
function open(input) {
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

function read(file) {
  return createReadStream(file, { highWaterMark: 1 << 20 });
}

function events(file, onLine) {
  return new Promise((resolve, reject) => {
    open(read(file).on('error', reject)).on('line', onLine).on('close', resolve);
  });
}

async function forAwait(file, onLine) {
  for await (const line of open(read(file))) onLine(line);
}
