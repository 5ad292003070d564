/**
 * Filters lines in JavaScript. `input.form`: 'readline' and 'splitter' parse every line, 'needle' only those that
 * hold the bytes of the value, 'text scan' parses none: it takes the first `"timestamp":"` of a line for the line's
 * own, which nested ones mislead.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { eachBlock } from '../jsonl/blocks.mjs';
import { conditionOf, needleOf } from '../jsonl/condition.mjs';
import { eachLine } from '../jsonl/splitter.mjs';
import { measureLines, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';

const FORMS = { readline, splitter, needle, 'text scan': textScan };

await contend(({ file, form, condition, ...input }) =>
  task(input, async () => {
    const found = [];
    await FORMS[form](file, condition, (line) => found.push(line));
    return measureLines(found);
  }),
);

function readline(file, condition, onMatch) {
  const matches = parsed(conditionOf(condition));
  return new Promise((resolve, reject) => {
    const input = createReadStream(file, { highWaterMark: 1 << 20 }).on('error', reject);
    createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
      .on('line', (line) => {
        if (matches(line)) onMatch(line);
      })
      .on('close', resolve);
  });
}

function splitter(file, condition, onMatch) {
  const matches = parsed(conditionOf(condition));
  return eachLine(file, (line) => {
    if (matches(line)) onMatch(line);
  });
}

/** A test of the text of a line; what is not JSON does not match. */
function parsed(matches) {
  return (line) => {
    try {
      return matches(JSON.parse(line));
    } catch {
      return false;
    }
  };
}

/** Decodes and parses only lines in which the bytes of the value stand. */
function needle(file, condition, onMatch) {
  const bytes = Buffer.from(needleOf(condition));
  const matches = parsed(conditionOf(condition));
  eachBlock(file, (block) => {
    for (let at = block.indexOf(bytes); at !== -1; ) {
      const from = block.lastIndexOf(10, at) + 1;
      const newline = block.indexOf(10, at);
      const to = newline === -1 ? block.length : newline;
      const line = block.toString('utf8', from, to);
      if (matches(line)) onMatch(line);
      at = block.indexOf(bytes, to);
    }
  });
}

function textScan(file, { start, end }, onMatch) {
  const name = '"timestamp":"';
  return eachLine(file, (line) => {
    const at = line.indexOf(name);
    if (at === -1) return;
    const time = line.slice(at + name.length, line.indexOf('"', at + name.length));
    if (time >= start && time <= end) onMatch(line);
  });
}
