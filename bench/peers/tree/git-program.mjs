/** The git program, asked anew each time. */
import { textOf } from '../programs/program.mjs';
import { contend } from '../protocol.mjs';
import { answered, linesOf } from './answers.mjs';

await contend(async ({ root, rounds }) => {
  const git = async (...args) =>
    (await textOf('git', ['-C', root, '-c', 'core.quotePath=false', ...args])).text;
  const measure = (name, args, end) =>
    answered(
      name,
      rounds,
      async () => linesOf(await git(...args), end),
      (lines) => lines,
    );
  const numstat = (from) => ['diff', '--numstat', '-M', from, 'HEAD'];
  const info = async () =>
    (await Promise.all([git('branch', '--show-current'), git('remote', 'get-url', 'origin')])).flatMap(
      (text) => linesOf(text),
    );
  return [
    await measure('branch', ['branch', '--show-current']),
    await measure('root', ['rev-parse', '--show-toplevel']),
    await answered('info', rounds, info, (lines) => lines),
    await measure('ls-files', ['ls-files', '-z'], '\0'),
    await measure('log 100', ['log', '--first-parent', '-100', '--format=%H']),
    await measure('diffstat HEAD~1', numstat('HEAD~1')),
    await measure('diffstat HEAD~100', numstat('HEAD~100')),
    await measure('status', ['status', '--porcelain=v1', '-z'], '\0'),
  ];
});
