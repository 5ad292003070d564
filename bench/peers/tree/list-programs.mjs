/** Programs that list the files of a tree, asked anew each time. */
import { spawnSync } from 'node:child_process';
import { textOf } from '../programs/program.mjs';
import { contend } from '../protocol.mjs';
import { answered, linesOf } from './answers.mjs';

/** `fd` has another name where a package of this name was there before. */
const fd = () => (spawnSync('fd', ['--version']).error ? 'fdfind' : 'fd');

const PROGRAMS = {
  git: {
    all: () => ['git', 'ls-files', '-co', '--exclude-standard', '-z'],
    below: (prefix) => ['git', 'ls-files', '-co', '--exclude-standard', '-z', '--', `${prefix}/**`],
  },
  fd: {
    all: () => [fd(), '--type', 'f', '--print0', '--strip-cwd-prefix'],
    below: (prefix, root) => [
      fd(),
      ...[
        '--type',
        'f',
        '--print0',
        '--strip-cwd-prefix',
        '--full-path',
        '--glob',
        `${root}/${prefix}/**/*.ts`,
      ],
    ],
  },
  rg: {
    all: () => ['rg', '--files', '--null'],
    below: (prefix) => ['rg', '--files', '--null', '--glob', `${prefix}/**/*.ts`],
  },
};

await contend(async ({ root, prefix, rounds, program }) => {
  process.chdir(root);
  const measure = (name, [command, ...args]) =>
    answered(
      name,
      rounds,
      async () => linesOf((await textOf(command, args)).text, '\0'),
      (files) => files,
    );
  const { all, below } = PROGRAMS[program];
  const cases = [
    await measure('all files', all()),
    await measure('files below a prefix', below(prefix, root)),
  ];
  if (program !== 'git') return cases;
  const status = () => textOf('git', ['status', '--porcelain=v1', '-z']);
  return [...cases, await answered('unchanged manifest', rounds, status, () => null)];
});
