/** Globs, manifests and hashes through the flat functions. */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { contend, timed } from '../protocol.mjs';
import { answered, factsOf } from '../tree/answers.mjs';
import { loadNative } from './native.mjs';

await contend(async ({ native: packagePath, root, prefix, big, rounds, task }) => {
  const native = loadNative(packagePath, [
    'checkAndBuildManifest',
    'computeFileHash',
    'computeFileHashesParallel',
    'findFilesWithGlob',
  ]);
  const relative = (files) => files.map((file) => path.relative(realpathSync(root), file));
  const patterns = ['**/*.ts'];
  const lines = ({ manifest }) => Object.entries(manifest).map(([file, hash]) => `${file} ${hash}`);
  if (task === 'first manifest') {
    const { ms, result } = await timed(() => native.checkAndBuildManifest(root, patterns));
    return [{ case: task, ms, facts: factsOf(lines(result)) }];
  }
  const glob = (pattern) => () => native.findFilesWithGlob(root, [pattern]);
  const files = native.findFilesWithGlob(root, patterns);
  const { manifest } = native.checkAndBuildManifest(root, patterns);
  const unchanged = () => native.checkAndBuildManifest(root, patterns, manifest);
  return [
    await answered('all files', rounds, glob('**/*'), relative),
    await answered('files below a prefix', rounds, glob(`${prefix}/**/*.ts`), relative),
    await answered('unchanged manifest', rounds, unchanged, ({ hasChanges }) =>
      hasChanges ? ['changed'] : [],
    ),
    await answered(
      'one big file',
      rounds,
      () => native.computeFileHash(big),
      (hash) => [hash],
    ),
    await answered('many files', rounds, () => native.computeFileHashesParallel(files), Object.values),
  ];
});
