/** The lines in which a field has a value, and those of a time range. */
import { percent, timesAround, valueNear } from '../jsonl/choice.mjs';
import { entriesOf } from '../jsonl/entries.mjs';
import { describeSource, source } from '../jsonl/source.mjs';

export const title = 'Filters of a JSONL file';

export const comparable = ['lines', 'characters'];
export const tolerance = 0;
export const peers = ['rg', 'jq', 'DuckDB'];

/** What is filtered for: a session, a handful of lines, and much. */
const VALUES = [
  { kind: 'one session', fields: ['sessionId'], share: () => 0.035 },
  { kind: 'rare', fields: ['requestId'], share: (lines) => 5 / lines },
  { kind: 'wide', fields: ['type', 'version', 'gitBranch', 'cwd', 'message.model'], share: () => 0.07 },
];
const COUNTED = 'one session';
const TIME_SHARE = 0.05;

const BY_VALUE = [
  ['rg -F, lines as strings', 'programs/filter.mjs', 'rg'],
  ['rg -F, output dropped', 'programs/filter.mjs', 'rg, bytes'],
  ['Node, bytes of the value, then JSON.parse', 'node/filter-lines.mjs', 'needle'],
  ['DuckDB', 'duckdb/filter.mjs', 'extract'],
  ['DuckDB, text first', 'duckdb/filter.mjs', 'text first'],
  ['Node, own splitter and JSON.parse', 'node/filter-lines.mjs', 'splitter'],
  ['readline and JSON.parse', 'node/filter-lines.mjs', 'readline'],
  ['jq', 'programs/filter.mjs', 'jq'],
  ['han sync', 'han/jsonl-filter.mjs', 'sync'],
  ['han async', 'han/jsonl-filter.mjs', 'async'],
];
const BY_TIME = [
  ['DuckDB', 'duckdb/filter.mjs', 'extract'],
  ['Node, own splitter and JSON.parse', 'node/filter-lines.mjs', 'splitter'],
  ['Node, text scan', 'node/filter-lines.mjs', 'text scan'],
  ['readline and JSON.parse', 'node/filter-lines.mjs', 'readline'],
  ['jq', 'programs/filter.mjs', 'jq'],
  ['han sync', 'han/jsonl-filter.mjs', 'sync'],
  ['han async', 'han/jsonl-filter.mjs', 'async'],
];
const COUNT_BY_TIME = [
  ['DuckDB', 'duckdb/filter.mjs', 'count'],
  ['han sync', 'han/jsonl-filter.mjs', 'count'],
];
const COUNT_BY_VALUE = [['rg -F --count', 'programs/filter.mjs', 'rg, count'], ...COUNT_BY_TIME];

export async function prepare(bench) {
  const found = await source(bench);
  const values = VALUES.map(({ kind, fields, share }) => ({
    kind,
    ...valueNear(found, fields, share(found.lines)),
  }));
  const times = timesAround(found, TIME_SHARE);
  const contenders = [];
  const expected = {};
  const add = (name, condition, answer, rows) => {
    const { file, broken, longestLine } = found;
    contenders.push(...entriesOf(bench, name, { file, broken, longestLine, condition }, rows));
    expected[name] = answer;
  };
  for (const { kind, field, value, lines, characters } of values) {
    const condition = { field, value };
    add(`${kind} (${percent(lines, found.lines)})`, condition, { lines, characters }, BY_VALUE);
    if (kind === COUNTED) add(`${kind}, counted`, condition, { lines }, COUNT_BY_VALUE);
  }
  const { start, end, lines, characters } = times;
  add(`time range (${percent(lines, found.lines)})`, { start, end }, { lines, characters }, BY_TIME);
  add('time range, counted', { start, end }, { lines }, COUNT_BY_TIME);
  return { explanation: explain(found, values, times), contenders, expected };
}

function explain(found, values, { start, end, lines }) {
  const conditions = values.map(
    ({ kind, field, value, lines: matches }) => `\n- ${kind}: \`${field}\` is \`${value}\`, ${matches} lines`,
  );
  return `${describeSource(found)} Every match is a string in JavaScript at the end, but where output
is dropped or only counted. rg compares text and checks no JSON; jq, whose lines are written anew, is held to their number.
${conditions.join('')}
- time range: top-level \`timestamp\` from ${start} to ${end}, ${lines} lines`;
}

export { describeWork as describe } from '../jsonl/source.mjs';
