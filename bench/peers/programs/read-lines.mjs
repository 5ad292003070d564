/**
 * Reads some lines of a file with programs. `input.request` is { offset, limit } or { last }; `input.form`:
 * 'tail and head', 'sed' or 'tail'.
 */
import { LineSplitter } from '../jsonl/splitter.mjs';
import { firstCall, measureLines, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';
import { run } from './program.mjs';

const COMMANDS = {
  'tail and head': (file, { offset, limit }) => [
    'sh',
    '-c',
    'tail -n "+$1" "$3" | head -n "$2"',
    'sh',
    String(offset + 1),
    String(limit),
    file,
  ],
  sed: (file, { offset, limit }) => [
    'sed',
    '-n',
    `${offset + 1},${offset + limit}p;${offset + limit}q`,
    file,
  ],
  tail: (file, { last }) => ['tail', '-n', String(last), file],
};

await contend(async ({ file, form, request, first, ...input }) => {
  const [name, ...args] = COMMANDS[form](file, request);
  const work = async () => {
    const lines = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    await run(name, args, (chunk) => splitter.push(chunk));
    splitter.end();
    return measureLines(request.last === undefined ? lines : lines.reverse());
  };
  // The first start of any program in a process costs more than the next.
  await run(name, ['--version'], () => undefined, { accepted: [1, 2] });
  // They end too soon to be looked at.
  const peakOf = () => null;
  return first ? firstCall(input, work, peakOf) : task(input, work, peakOf);
});
