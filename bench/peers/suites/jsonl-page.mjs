/** Some lines of a file: pages, the last ones, single ones. */
import { closeSync, constants, copyFileSync, fsyncSync, openSync } from 'node:fs';
import path from 'node:path';
import { someLines } from '../jsonl/choice.mjs';
import { entriesOf } from '../jsonl/entries.mjs';
import { describeSource, source } from '../jsonl/source.mjs';
import { linesOf, rangeOf } from '../jsonl/survey.mjs';
import { Skip } from '../protocol.mjs';

export const title = 'Pages and single lines of a JSONL file';

export const comparable = ['lines', 'characters'];
export const tolerance = 0;
export const peers = ['tail', 'sed'];

const LIMITS = [100, 1000];
const PLACES = [0, 50, 99];
const COUNT = 100;
/** Calls are short: so many for each round that the harness asks for. */
const CALLS = 25;

const KNOWN = [
  ['Node, offsets known, one read', 'node/read-lines.mjs', 'known'],
  ['han page', 'han/jsonl-read.mjs', 'page'],
  ['han page, async', 'han/jsonl-read.mjs', 'page async'],
];
const FIRST = [
  ['tail and head', 'programs/read-lines.mjs', 'tail and head'],
  ['sed', 'programs/read-lines.mjs', 'sed'],
  ['Node, newlines counted from the start', 'node/read-lines.mjs', 'scan'],
  ['han page, no index', 'han/jsonl-read.mjs', 'page'],
];
const FIRST_WITH_INDEX = [['han page, index beside the file', 'han/jsonl-read.mjs', 'page']];
const LAST = [
  ['tail -n', 'programs/read-lines.mjs', 'tail'],
  ['Node, chunks from the end', 'node/read-lines.mjs', 'backward'],
  ['han tail', 'han/jsonl-read.mjs', 'tail'],
  ['han reverse', 'han/jsonl-read.mjs', 'reverse'],
];
const ANYWHERE = [
  ['Node, offsets known, one read each', 'node/read-lines.mjs', 'known'],
  ['han lines', 'han/jsonl-read.mjs', 'lines'],
  ['han indexed, index from the caller', 'han/jsonl-read.mjs', 'indexed'],
];

export async function prepare(bench) {
  const found = await source(bench);
  const { file, lines } = found;
  const indexed = indexedCopy(bench, file);
  const rounds = bench.rounds * CALLS;
  const contenders = [];
  const expected = {};
  /** One case in an open process (`known`), and one of the first call in a fresh one (`first`). */
  const add = (name, request, answer, { known, first = [], firstWithIndex = [] }) => {
    const firstName = `${name}, first call`;
    contenders.push(
      ...entriesOf(bench, name, { file, request, rounds }, known),
      ...entriesOf(bench, firstName, { file, request, first: true }, first),
      ...onFile(entriesOf(bench, firstName, { request, first: true }, firstWithIndex), indexed),
    );
    expected[name] = answer;
    expected[firstName] = answer;
  };
  for (const limit of LIMITS) {
    for (const place of PLACES) {
      const offset = Math.floor((Math.max(0, lines - limit) * place) / 100);
      const answer = rangeOf(found, offset, offset + limit);
      const rows = { known: KNOWN, first: FIRST, firstWithIndex: FIRST_WITH_INDEX };
      add(`${limit} lines at ${place} %`, { offset, limit }, answer, rows);
    }
  }
  const last = rangeOf(found, Math.max(0, lines - COUNT), lines);
  add(`last ${COUNT}`, { last: COUNT }, last, { known: LAST, first: LAST });
  const numbers = someLines(lines, COUNT);
  add(`${COUNT} lines anywhere`, { numbers }, linesOf(found, numbers), { known: ANYWHERE });
  return { explanation: explain(bench, found), contenders, expected };
}

/** Contenders whose file is made only when one of them runs. */
function onFile(entries, file) {
  return entries.map((entry) => ({ ...entry, input: () => ({ ...entry.input(), file: file() }) }));
}

/** Makes, when it is asked for, a copy of the file with its index beside it, once; no other case may find an index. */
function indexedCopy(bench, file) {
  let copy = null;
  return () => {
    copy ??= makeIndexedCopy(bench, file);
    if (copy.skip !== undefined) throw new Skip(copy.skip, copy.detail);
    return copy.file;
  };
}

function makeIndexedCopy(bench, file) {
  const copy = path.join(bench.folder('indexed'), path.basename(file));
  copyFileSync(file, copy, constants.COPYFILE_FICLONE);
  const descriptor = openSync(copy, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
  const answer = bench.run('han/jsonl-index.mjs', { native: bench.native, file: copy });
  if (answer.failed !== undefined) throw new Error(`no index of the file: ${answer.failed}`);
  return { file: copy, ...answer };
}

function explain(bench, found) {
  return `${describeSource(found)} Up to ${bench.rounds * CALLS} calls in an open process that knows where lines
begin (ours from a call before); or the first call of a fresh process. Lines are objects of number, offset and content,
those of programs strings; a program is started anew for each call.`;
}

export { describeCall as describe } from '../jsonl/source.mjs';
