/** One case of the jsonl suites inside a contender. */
import { peakRssBytes, timed } from '../protocol.mjs';
import { repeated } from '../repeated.mjs';

/** A contender stops repeating after this much measured time; a first round as long as that is the measurement. */
const BUDGET_MS = 2000;

/**
 * Repeats `work(round)`, which returns the facts. The peak memory is that of one round, before garbage of many
 * adds up; `peakOf(own)` corrects it where the work is done by another process (null: not known).
 */
export async function task({ case: name, rounds }, work, peakOf = (own) => own) {
  const answer = await repeated(name, rounds, work, { budgetMs: BUDGET_MS });
  const { firstPeakRssBytes, ...facts } = answer.facts;
  return [{ ...answer, facts, peakRssBytes: peakOf(firstPeakRssBytes) }];
}

/** Measures the one and only call of this process. */
export async function firstCall({ case: name }, work, peakOf = (own) => own) {
  const { ms, result } = await timed(work);
  return [{ case: name, ms, facts: result, peakRssBytes: peakOf(peakRssBytes()) }];
}

/** How many lines there are and how long they are; every content is touched. */
export function measureLines(contents) {
  let characters = 0;
  for (const content of contents) characters += content.length;
  return { lines: contents.length, characters };
}

/** The same of objects with a `content`. */
export function measureContents(lines) {
  let characters = 0;
  for (const { content } of lines) characters += content.length;
  return { lines: lines.length, characters };
}

/** How many offsets there are, and their sum: exact below 2^53. */
export function measureOffsets(offsets) {
  let offsetSum = 0;
  for (const offset of offsets) offsetSum += offset;
  return { lines: offsets.length, offsetSum };
}

/** Touches lines one by one as they come; with `parse` each is parsed too, and those that are JSON are counted. */
export class LineTally {
  #parse;
  #lines = 0;
  #characters = 0;
  #parsed = 0;

  constructor(parse) {
    this.#parse = parse;
  }

  add(line) {
    this.#lines += 1;
    this.#characters += line.length;
    if (this.#parse) this.#parsed += isJson(line) ? 1 : 0;
  }

  facts() {
    const facts = { lines: this.#lines, characters: this.#characters };
    return this.#parse ? { ...facts, parsed: this.#parsed } : facts;
  }
}

function isJson(line) {
  try {
    return JSON.parse(line) !== undefined;
  } catch {
    return false;
  }
}
