/** Every line of a file as a string, one after another. */
import { entriesOf } from '../jsonl/entries.mjs';
import { describeSource, source } from '../jsonl/source.mjs';

export const title = 'Every line of a JSONL file';

export const comparable = ['lines', 'characters', 'parsed'];
export const tolerance = 0;
export const peers = [];

const STREAM = [
  ["readline, 'line' events", 'node/stream-lines.mjs', 'events'],
  ['readline, for await', 'node/stream-lines.mjs', 'for await'],
  ['Node, stream and own splitter', 'node/stream-lines.mjs', 'splitter'],
  ['han reader', 'han/jsonl-stream.mjs', 'reader'],
  ['han callback', 'han/jsonl-stream.mjs', 'callback'],
];

export async function prepare(bench) {
  const found = await source(bench);
  const { file, lines, broken } = found;
  const characters = found.characters.reduce((sum, each) => sum + each, 0);
  return {
    explanation: `${describeSource(found)} Of each line the length is taken; then the same with
\`JSON.parse\` of each. readline reads chunks of 1 MiB, which is faster than its default.`,
    contenders: [
      ...entriesOf(bench, 'stream', { file, parse: false }, STREAM),
      ...entriesOf(bench, 'stream and parse', { file, parse: true }, STREAM),
    ],
    expected: {
      stream: { lines, characters },
      'stream and parse': { lines, characters, parsed: lines - broken },
    },
  };
}

export { describeWork as describe } from '../jsonl/source.mjs';
