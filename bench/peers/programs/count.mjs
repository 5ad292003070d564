/** Counts lines with a program: `input.form` is wc, rg or grep. */
import { task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';
import { textOf } from './program.mjs';
import { RIPGREP } from './ripgrep.mjs';

const COMMANDS = {
  wc: ['wc', '-l'],
  rg: ['rg', ...RIPGREP, '--count', ''],
  grep: ['grep', '-c', ''],
};

await contend(({ file, form, terminated, ...input }) => {
  const [name, ...options] = COMMANDS[form];
  // wc counts newlines, the others lines.
  const unended = form === 'wc' && !terminated ? 1 : 0;
  let peakRssBytes;
  const count = async (round) => {
    const { text, peak } = await textOf(name, [...options, file], { watch: round === 0 });
    peakRssBytes ??= peak;
    return { lines: Number.parseInt(text, 10) + unended };
  };
  return task(input, count, () => peakRssBytes);
});
