/** Questions to a git repository, beside the git program and two libraries. */
import { factsOf, linesOf } from '../tree/answers.mjs';
import { git } from '../tree/generate.mjs';

export const title = 'Git';

export const comparable = ['count', 'sum'];
export const tolerance = 0;
export const peers = ['git'];

export function prepare(bench) {
  const tree = bench.tree({ edited: true });
  const { root, files, folders, ignored, commits } = tree;
  const ask = (...args) => git(root, ['-c', 'core.quotePath=false', ...args]);
  const numstat = (from) => linesOf(ask('diff', '--numstat', '-M', from, 'HEAD'));
  const input = () => ({ native: bench.native, root, rounds: bench.rounds });
  const contender = (name, script) => ({ name, script, input });
  return {
    explanation: `${files} tracked files in ${folders} folders, ${ignored} ignored files, ${commits} commits, 3 work trees; 30
files edited, 10 deleted, 5 staged, 20 unknown. Programs are timed from their start to the end of their output, which the
libraries around them parse. Every answer is compared with that of the git program.`,
    contenders: [
      contender('git', 'tree/git-program.mjs'),
      contender('simple-git', 'tree/simple-git.mjs'),
      contender('isomorphic-git', 'tree/isomorphic-git.mjs'),
      contender('han sync', 'han/git.mjs'),
      { ...contender('han async', 'han/git.mjs'), input: () => ({ ...input(), form: 'async' }) },
    ],
    expected: {
      branch: factsOf(['main']),
      root: factsOf([root]),
      info: factsOf(['main', 'https://example.com/team/project.git']),
      'ls-files': factsOf(linesOf(ask('ls-files', '-z'), '\0')),
      'log 100': factsOf(linesOf(ask('log', '--first-parent', '-100', '--format=%H'))),
      'diffstat HEAD~1': factsOf(numstat('HEAD~1')),
      'diffstat HEAD~100': factsOf(numstat('HEAD~100')),
      status: factsOf(linesOf(ask('status', '--porcelain=v1', '-z'), '\0')),
    },
  };
}

export function describe({ facts }) {
  return `${facts.count ?? '?'} answers, first ${facts.firstMs.toFixed(2)} ms`;
}
