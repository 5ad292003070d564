/** The library simple-git, which runs the git program. */
import { contend, Skip } from '../protocol.mjs';
import { answered, linesOf } from './answers.mjs';

await contend(async ({ root, rounds }) => {
  const { simpleGit } = await import('simple-git').catch((error) => {
    throw new Skip('simple-git is not installed', error.message);
  });
  const git = simpleGit(root);
  const one = (text) => [text.trim()];
  const info = async () => [
    ...one(await git.revparse(['--abbrev-ref', 'HEAD'])),
    ...one((await git.remote(['get-url', 'origin'])) ?? ''),
  ];
  const numstat = ({ files }) =>
    files.map(({ file, insertions, deletions }) => `${insertions}\t${deletions}\t${file}`);
  const diff = (from) => () => git.diffSummary(['--numstat', '-M', from, 'HEAD']);
  const letters = ({ files }) =>
    files.map(({ index, working_dir, path }) => `${index}${working_dir} ${path}`);
  return [
    await answered('branch', rounds, () => git.revparse(['--abbrev-ref', 'HEAD']), one),
    await answered('root', rounds, () => git.revparse(['--show-toplevel']), one),
    await answered('info', rounds, info, (lines) => lines),
    await answered(
      'ls-files',
      rounds,
      () => git.raw(['ls-files', '-z']),
      (text) => linesOf(text, '\0'),
    ),
    await answered(
      'log 100',
      rounds,
      () => git.log({ maxCount: 100, '--first-parent': null }),
      ({ all }) => all.map(({ hash }) => hash),
    ),
    await answered('diffstat HEAD~1', rounds, diff('HEAD~1'), numstat),
    await answered('diffstat HEAD~100', rounds, diff('HEAD~100'), numstat),
    await answered('status', rounds, () => git.status(), letters),
  ];
});
