/** How many lines there are, and where they begin. */
import { entriesOf } from '../jsonl/entries.mjs';
import { describeSource, source } from '../jsonl/source.mjs';

export const title = 'Lines of a JSONL file: counting, offsets';

export const comparable = ['lines', 'offsetSum'];
export const tolerance = 0;
export const peers = ['wc', 'rg', 'grep'];

const COUNT = [
  ['Node, 1 MiB reads and indexOf', 'node/count-lines.mjs'],
  ['wc -l', 'programs/count.mjs', 'wc'],
  ['rg --count', 'programs/count.mjs', 'rg'],
  ['grep -c', 'programs/count.mjs', 'grep'],
  ['han sync', 'han/jsonl-count.mjs', 'sync'],
  ['han async', 'han/jsonl-count.mjs', 'async'],
];
const OFFSETS = [
  ['Node, 1 MiB reads and indexOf', 'node/line-offsets.mjs'],
  ['han sync', 'han/jsonl-offsets.mjs', 'sync'],
  ['han async', 'han/jsonl-offsets.mjs', 'async'],
];

export async function prepare(bench) {
  const found = await source(bench);
  const { file, lines, terminated, offsets } = found;
  return {
    explanation: `${describeSource(found)} Offsets end up as an array of numbers.`,
    contenders: [
      ...entriesOf(bench, 'count', { file, terminated }, COUNT),
      ...entriesOf(bench, 'offsets', { file }, OFFSETS),
    ],
    expected: {
      count: { lines },
      offsets: { lines, offsetSum: offsets.reduce((sum, offset) => sum + offset, 0) },
    },
  };
}

export { describeWork as describe } from '../jsonl/source.mjs';
