/**
 * Filters lines with a program. `input.form`: 'rg' gives its lines as strings, 'rg, bytes' reads the output but
 * makes no strings, 'rg, count' only counts; 'jq' checks the field and gives its lines as strings.
 */
import { needleOf } from '../jsonl/condition.mjs';
import { LineSplitter } from '../jsonl/splitter.mjs';
import { measureLines, task } from '../jsonl/task.mjs';
import { contend, Skip } from '../protocol.mjs';
import { run, textOf } from './program.mjs';
import { NOTHING_FOUND, RIPGREP } from './ripgrep.mjs';

const FORMS = { rg: ripgrepLines, 'rg, bytes': ripgrepBytes, 'rg, count': ripgrepCount, jq };

await contend(({ form, ...input }) => FORMS[form](input));

function ripgrepLines({ file, condition, ...input }) {
  return linesOf(input, 'rg', [...RIPGREP, '-F', needleOf(condition), file], [NOTHING_FOUND], measureLines);
}

function ripgrepBytes({ file, condition, ...input }) {
  let peakRssBytes;
  const filter = async (round) => {
    let lines = 0;
    const count = (chunk) => {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
    };
    const args = [...RIPGREP, '-F', needleOf(condition), file];
    const peak = await run('rg', args, count, { watch: round === 0, accepted: [NOTHING_FOUND] });
    peakRssBytes ??= peak;
    return { lines, characters: null };
  };
  return task(input, filter, () => peakRssBytes);
}

function ripgrepCount({ file, condition, ...input }) {
  let peakRssBytes;
  const count = async (round) => {
    const args = [...RIPGREP, '--count', '-F', needleOf(condition), file];
    const { text, peak } = await textOf('rg', args, { watch: round === 0, accepted: [NOTHING_FOUND] });
    peakRssBytes ??= peak;
    return { lines: text === '' ? 0 : Number.parseInt(text, 10) };
  };
  return task(input, count, () => peakRssBytes);
}

function jq({ file, condition, broken, ...input }) {
  if (broken > 0) throw new Skip('jq ends at the first line that is not JSON');
  const { field, value, start, end } = condition;
  const filter =
    field === undefined
      ? ['--arg', 'from', start, '--arg', 'to', end, 'select(.timestamp? >= $from and .timestamp? <= $to)']
      : ['--arg', 'value', value, `select(.${field.split('.').join('?.')}? == $value)`];
  // jq writes its lines anew, so that only their number can be held against the others'.
  const measure = (lines) => ({ ...measureLines(lines), characters: null });
  return linesOf(input, 'jq', ['-c', ...filter, file], [], measure);
}

/** Runs a program and makes strings of its lines; its memory and that of this process count together. */
function linesOf(input, name, args, accepted, measure) {
  let peakRssBytes;
  const filter = async (round) => {
    const lines = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    const peak = await run(name, args, (chunk) => splitter.push(chunk), { watch: round === 0, accepted });
    splitter.end();
    peakRssBytes ??= peak;
    return measure(lines);
  };
  return task(input, filter, (own) => peakRssBytes && peakRssBytes + own);
}
