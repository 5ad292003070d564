/** Files of a tree: globs, manifests and hashes, beside programs and libraries. */
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { factsOf, linesOf } from '../tree/answers.mjs';
import { git } from '../tree/generate.mjs';

export const title = 'Globs, manifests, hashes';

export const comparable = ['count', 'sum'];
export const tolerance = 0;
export const peers = ['git', 'fdfind', 'fd', 'rg', 'openssl'];

const BIG_FILE_MB = 512;

/** A file of one size in every run. */
function bigFile(folder) {
  const file = path.join(folder, 'big');
  const chunk = Buffer.alloc(1 << 20);
  for (let at = 0; at < chunk.length; at += 4) chunk.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
  const output = openSync(file, 'w');
  for (let part = 0; part < BIG_FILE_MB; part += 1) {
    chunk.writeUInt32LE(part, 0);
    writeSync(output, chunk);
  }
  closeSync(output);
  return file;
}

export function prepare(bench) {
  const { root, files, folders, ignored } = bench.tree({ edited: false });
  const prefix = 'packages/p007';
  const tracked = linesOf(git(root, ['-c', 'core.quotePath=false', 'ls-files', '-z']), '\0');
  const big = bigFile(bench.folder('big'));
  const input = (settings) => () => ({
    native: bench.native,
    root,
    prefix,
    big,
    rounds: bench.rounds,
    ...settings,
  });
  const contender = (name, script, settings = {}) => ({ name, script, input: input(settings) });
  const manifest = (script, settings) => ({ script, input: input({ task: 'first manifest', ...settings }) });
  return {
    explanation: `${files} files in ${folders} folders, and ${ignored} ignored ones; one file of ${BIG_FILE_MB} MB. Peers
that know no ignore rules are told what to leave out. A first manifest is the first call of a fresh process; an unchanged
one of the peers compares sizes and times with the last, and that of \`git status\` is told by its index.`,
    contenders: [
      contender('git', 'tree/list-programs.mjs', { program: 'git' }),
      contender('fd', 'tree/list-programs.mjs', { program: 'fd' }),
      contender('rg', 'tree/list-programs.mjs', { program: 'rg' }),
      contender('tinyglobby', 'tree/list-libraries.mjs', { library: 'tinyglobby' }),
      contender('fast-glob', 'tree/list-libraries.mjs', { library: 'fast-glob' }),
      contender('globby', 'tree/list-libraries.mjs', { library: 'globby' }),
      { name: 'tinyglobby + node:crypto', ...manifest('tree/manifests.mjs') },
      contender('tinyglobby + stat', 'tree/manifests.mjs', { task: 'unchanged manifest' }),
      contender('openssl dgst', 'tree/hashes.mjs', { task: 'openssl' }),
      contender('node:crypto', 'tree/hashes.mjs', { task: 'big file' }),
      contender('node:crypto, two workers', 'tree/hashes.mjs', { task: 'many files' }),
      contender('han', 'han/files.mjs'),
      { name: 'han', ...manifest('han/files.mjs') },
    ],
    expected: {
      'all files': factsOf(tracked),
      'files below a prefix': factsOf(tracked.filter((file) => file.startsWith(`${prefix}/`))),
    },
  };
}

export function describe({ facts }) {
  return `${facts.count ?? '?'} answers${facts.firstMs === undefined ? '' : `, first ${facts.firstMs.toFixed(2)} ms`}`;
}
