/** The library isomorphic-git, which reads repositories in JavaScript. It has no counts of changed lines. */
import fs from 'node:fs';
import { contend, Skip } from '../protocol.mjs';
import { answered } from './answers.mjs';

/** The two letters of a status, from what its matrix says of HEAD, work tree and index; none for what is unchanged. */
function letters([path, head, workTree, index]) {
  const inIndex = head === 0 ? (index === 0 ? '?' : 'A') : index === 0 ? 'D' : index === 1 ? ' ' : 'M';
  if (inIndex === '?') return [`?? ${path}`];
  const inWorkTree =
    workTree === 0
      ? 'D'
      : workTree === index || index === 1
        ? workTree === 2 && index === 1
          ? 'M'
          : ' '
        : 'M';
  return inIndex === ' ' && inWorkTree === ' ' ? [] : [`${inIndex}${inWorkTree} ${path}`];
}

await contend(async ({ root: dir, rounds }) => {
  const { default: git } = await import('isomorphic-git').catch((error) => {
    throw new Skip('isomorphic-git is not installed', error.message);
  });
  const place = { fs, dir };
  const info = async () => [
    await git.currentBranch(place),
    await git.getConfig({ ...place, path: 'remote.origin.url' }),
  ];
  const all = (list) => list;
  return [
    await answered(
      'branch',
      rounds,
      () => git.currentBranch(place),
      (name) => [name],
    ),
    await answered(
      'root',
      rounds,
      () => git.findRoot({ fs, filepath: dir }),
      (root) => [root],
    ),
    await answered('info', rounds, info, all),
    await answered('ls-files', rounds, () => git.listFiles(place), all),
    await answered(
      'log 100',
      rounds,
      () => git.log({ ...place, depth: 100 }),
      (list) => list.map(({ oid }) => oid),
    ),
    await answered(
      'status',
      rounds,
      () => git.statusMatrix(place),
      // It names files of unknown folders, not the folders.
      (rows) =>
        rows
          .flatMap(letters)
          .map((line) => (line.startsWith('??') ? line.replace(/new\/file\.ts$/, 'new/') : line)),
    ),
  ];
});
