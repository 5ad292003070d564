/** Questions to a git repository through the flat functions. */
import { contend } from '../protocol.mjs';
import { answered } from '../tree/answers.mjs';
import { loadNative } from './native.mjs';

const one = (text) => [text];
const numstat = (files) =>
  files.map(({ additions, deletions, path }) => `${additions}\t${deletions}\t${path}`);
const letters = ({ entries }) => entries.map(({ status, path }) => `${status} ${path}`);

await contend(async ({ native: packagePath, root, rounds, form }) => {
  const native = loadNative(packagePath, ['getGitInfo', 'gitDiffStat', 'gitLog', 'gitLsFiles', 'gitStatus']);
  const named = (name) => native[form === 'async' ? `${name}Async` : name];
  const measure = (name, work, texts) => answered(name, rounds, work, texts);
  const cases = [
    await measure(
      'info',
      () => named('getGitInfo')(root),
      ({ branch, remote }) => [branch, remote],
    ),
    await measure(
      'ls-files',
      () => named('gitLsFiles')(root),
      (files) => files,
    ),
    await measure(
      'log 100',
      () => named('gitLog')(root, 100),
      (list) => list.map(({ hash }) => hash),
    ),
    await measure('diffstat HEAD~1', () => named('gitDiffStat')(root, 'HEAD~1', 'HEAD'), numstat),
    await measure('diffstat HEAD~100', () => named('gitDiffStat')(root, 'HEAD~100', 'HEAD'), numstat),
    await measure('status', () => named('gitStatus')(root), letters),
  ];
  if (form === 'async') return cases;
  return [
    await measure('branch', () => native.getGitBranch(root), one),
    await measure('root', () => native.getGitRoot(root), one),
    ...cases,
  ];
});
